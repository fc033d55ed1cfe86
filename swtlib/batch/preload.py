"""What every run needs is loaded once, in the process that runs are forked from.

Called there by `swtlib.fork.zygote`, before the first fork and never in a run. It
may import and fill caches; it may not start threads, nor read any answers. What
two runs had to work out alike is worked out there once more, and kept for later
runs: see `swtlib._ahead`.
"""

import importlib
import importlib.metadata
import pkgutil
from contextlib import nullcontext

from swtlib._ahead import heed
from swtlib.fork.zygote import Heed

LIBRARIES = (
    # of the process that runs a notebook and makes its page
    "papermill",
    "nbclient",
    # of the kernel
    "great_tables",
    "matplotlib.backends.backend_agg",
    "matplotlib.pyplot",
    "matplotlib_inline.config",
    "pandas.io.formats.style",
    "PIL.PngImagePlugin",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "scipy.optimize",
    "scipy.stats",
    "seaborn",
    "statsmodels.regression.mixed_linear_model",
)
NOT_IN_NOTEBOOKS = ("swtlib.__main__", "swtlib.cli")


def preload() -> Heed:
    """Import what runs need, and do the first of what costs time only once.

    Returns
    -------
    callable
        Takes in what a run had to work out.
    """
    _keep_text_as_python()
    for name in LIBRARIES:
        importlib.import_module(name)
    import swtlib

    for module in pkgutil.walk_packages(swtlib.__path__, "swtlib."):
        if module.name not in NOT_IN_NOTEBOOKS:
            importlib.import_module(module.name)
    _count()
    _draw()
    for _ in range(2):  # what is remembered of types is lost while the first imports
        _render()
    return heed


def _keep_text_as_python() -> None:
    """Have pandas keep text as Python's own strings, which is fast on few rows.

    Arrow's form, its default, is made for millions of rows. A survey has hundreds, in
    many small tables: there it takes a tenth of the time of a batch. Tables show the
    same in both forms, but do not mix well: text of the one merged with text of the
    other is `object`. So a run has it from its start, and elsewhere it is left alone.
    """
    import pandas as pd

    pd.set_option("mode.string_storage", "python")


def _count() -> None:
    """Read the codebook and lay out a table of nobody."""
    import pandas as pd

    from swtlib.codebook import load_codebook
    from swtlib.disclosure import protect
    from swtlib.tables import render_table, table_html

    importlib.metadata.version("swtlib")  # remembers where packages are
    load_codebook()
    nobody = protect(pd.DataFrame({"team": ["niemand"]}), kind="public")
    columns = {"team": "Team"}
    table_html(render_table(nobody, columns=columns, digits=0, title="", origin=""))


def _draw() -> None:
    """Draw a figure, for the fonts; without pyplot, which would take a backend."""
    from io import BytesIO

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from swtlib._figure_style import SMALL, figure_style, text_width

    for style in (nullcontext(), figure_style()):
        with style:
            figure = Figure()
            FigureCanvasAgg(figure)
            figure.add_subplot().set_title("Aé", fontweight="bold")
            figure.savefig(BytesIO(), format="png")
    for bold in (False, True):
        text_width("Aé", SMALL, bold=bold)


def _render() -> None:
    """Give papermill a notebook, and make its page: templates are compiled then."""
    import nbformat
    import papermill

    from swtlib.batch.html import Page, render_page

    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Titel"}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    notebook = papermill.execute_notebook(
        nbformat.from_dict(content),  # type: ignore[no-untyped-call]
        None,
        parameters={"n": 2},
        kernel_name="python3",
        language="python",
        prepare_only=True,
    )
    render_page(notebook, Page(title="Titel"))
