"""Research workbench for the yearly survey of Dutch sociale wijkteams.

The usual way in is a notebook: ``run = swtlib.new_run("dv3_bakens")``. What
draws (``swtlib.figures``, ``swtlib.tables``) is imported where it is used, so
that ``import swtlib`` stays light.
"""

from swtlib.codebook import (
    Codebook,
    Instrument,
    Item,
    Scale,
    codebook_table,
    load_codebook,
    load_instrument,
)
from swtlib.comparison import compare_split, count_related
from swtlib.correlation import spearman_with_ci
from swtlib.disclosure import MIN_CELL_N, ProtectedTable, drop_small_teams, protect
from swtlib.errors import SwtError
from swtlib.estimates import mean_with_ci, paired_gap
from swtlib.groups import Groups
from swtlib.notebook import NotebookRun, new_run
from swtlib.permutation import permutation_test
from swtlib.report_results import ReportResults
from swtlib.results import Selection
from swtlib.scoring import score_gap, score_items, score_scale, score_scales
from swtlib.shares import agreement_with_ci, share_with_ci
from swtlib.two_groups import brunner_munzel_test, hedges_g, welch_test
from swtlib.wave import Wave, ingest, load_wave

__version__ = "0.1.0"

__all__ = [
    "MIN_CELL_N",
    "Codebook",
    "Groups",
    "Instrument",
    "Item",
    "NotebookRun",
    "ProtectedTable",
    "ReportResults",
    "Scale",
    "Selection",
    "SwtError",
    "Wave",
    "agreement_with_ci",
    "brunner_munzel_test",
    "codebook_table",
    "compare_split",
    "count_related",
    "drop_small_teams",
    "hedges_g",
    "ingest",
    "load_codebook",
    "load_instrument",
    "load_wave",
    "mean_with_ci",
    "new_run",
    "paired_gap",
    "permutation_test",
    "protect",
    "score_gap",
    "score_items",
    "score_scale",
    "score_scales",
    "share_with_ci",
    "spearman_with_ci",
    "welch_test",
]
