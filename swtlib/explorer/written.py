"""A view as a notebook: what was found with the mouse, as code that makes it again."""

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swtlib.project import project_root, write_atomic

if TYPE_CHECKING:
    from swtlib.explorer.result import ViewResult

FOLDER = "verkenningen"
ORDER = 200  # after the pages of the report, for who moves it to the batch


def write_view_notebook(made: "ViewResult") -> Path:
    """Write the notebook of a view.

    Parameters
    ----------
    made : ViewResult
        One that can be shown.

    Returns
    -------
    Path
        ``verkenningen/<name>.ipynb`` in the project; with a number behind the name
        if that is there already.
    """
    folder = project_root() / FOLDER
    path = folder / f"{made.file_name}.ipynb"
    number = 2
    while path.exists():
        path = folder / f"{made.file_name}_{number}.ipynb"
        number += 1
    text = json.dumps(view_notebook(made), ensure_ascii=False, indent=1)
    return write_atomic(path, text + "\n")


def view_notebook(made: "ViewResult") -> dict[str, Any]:
    """Give the content of that notebook, without outputs.

    Parameters
    ----------
    made : ViewResult
        One that can be shown.

    Returns
    -------
    dict
        As nbformat 4.5 has it. Its one cell with parameters has what the batch
        gives: the team and the year.
    """
    title = made.title.rpartition(" (")[0]
    one_team = made.view.split == "team" and made.view.show not in (
        "answers",
        "relation",
    )
    if one_team:  # it holds for any team: the page itself says whom it is about
        title = title.rpartition(", ")[0]
    told = 'team id, or "alle"' if one_team else "not used: this is about all teams"
    parameters = [
        f'team: str = "{made.view.team}"  # {told}',
        f"year: int = {made.view.year}  # measurement wave",
        f"confidence: float = {made.view.confidence:g}  # level of every interval",
    ]
    setup = [
        "import swtlib as swt",
        "",
        *_view_code(made, one_team=one_team),
        "uitkomst = swt.show_view(weergave)",
        "uitkomst.about()",
    ]
    parts = [
        (
            "markdown",
            [
                f"# {title}",
                "",
                "**Vraag.** *Schrijf hier in één zin welke vraag u met deze weergave "
                "beantwoordt.*",
                "",
                "Dit notebook is geschreven door de verkenner. Het maakt precies de "
                "weergave die daar stond, ook als u het later opnieuw draait.",
            ],
        ),
        ("parameters", parameters),
        ("markdown", ["## Gegevens"]),
        ("code", setup),
        ("markdown", ["## Resultaten"]),
        ("code", ["uitkomst.show_figure()"]),
        ("code", ["uitkomst.show_table()"]),
        (
            "markdown",
            [
                "## Lezing",
                "",
                "*Schrijf hier in eigen woorden wat u ziet, hoe zeker dat is, en wat "
                "deze cijfers niet kunnen zeggen.*",
            ],
        ),
        ("markdown", ["## Herkomst"]),
        ("code", ["uitkomst.provenance()"]),
    ]
    return {
        "cells": [_cell(at, kind, lines) for at, (kind, lines) in enumerate(parts)],
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
            "swt": {"batch": True, "order": ORDER, "title": title},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _view_code(made: "ViewResult", *, one_team: bool) -> list[str]:
    """Write the view as a call; what has its default is left out."""
    lines = ["weergave = swt.View("]
    for part in fields(made.view):
        value = getattr(made.view, part.name)
        if part.name in ("year", "confidence") or (part.name == "team" and one_team):
            lines.append(f"    {part.name}={part.name},")
        elif value != part.default:
            lines.append(f"    {part.name}={json.dumps(value, ensure_ascii=False)},")
    return [*lines, ")"]


def _cell(at: int, kind: str, lines: list[str]) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "markdown" if kind == "markdown" else "code",
        "id": f"verkend-{at:02}",
        "metadata": {"tags": ["parameters"]} if kind == "parameters" else {},
        "source": [f"{line}\n" for line in lines[:-1]] + lines[-1:],
    }
    if kind != "markdown":
        cell |= {"execution_count": None, "outputs": []}
    return cell
