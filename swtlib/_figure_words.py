"""Words in and under figures, in Dutch; for :mod:`swtlib.figures`."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import pandas as pd
from matplotlib.figure import Figure

from swtlib._figure_style import (
    MARGIN,
    SOFT,
    TEXT,
    WIDTH,
    Picture,
    Sheet,
    figure_style,
    n_text,
    text_height,
    upper,
    wrap,
)
from swtlib._table_text import known_labels, level_text, records_of
from swtlib.disclosure import ProtectedTable, require_protected
from swtlib.errors import ParameterError, did_you_mean

_EMPTY = (
    "Hier staat geen figuur: anders is te zien, of uit te rekenen, wat iemand heeft "
    "geantwoord."
)
_NOTHING = "Hier staat geen figuur: er zijn geen gegevens voor."


class Words(TypedDict):
    """The words above and under a figure; of a `Sheet` and of a `Picture`."""

    title: str
    finding: str
    notes: Sequence[str]
    origin: str


class Names:
    """Dutch text for ids; an id without a label stands for itself."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = known_labels(labels)

    def __getitem__(self, name: object) -> str:
        """Give the text for an id."""
        return self._labels.get(str(name), str(name))

    def capital(self, name: object) -> str:
        """Give the text for an id, for the start of a sentence."""
        return upper(self[name])


def needs(table: object, columns: Sequence[str], *, where: str) -> pd.DataFrame:
    """Take the frame of a protected table, and see that it has these columns."""
    frame = require_protected(table, where=where).frame
    for name in columns:
        if name not in frame.columns:
            known = [str(column) for column in frame.columns]
            raise ParameterError(
                f"{where} needs the column '{name}'.{did_you_mean(name, known)}"
            )
    return frame


def empty_picture(
    table: ProtectedTable, names: Names, *, title: str, origin: str, note: str
) -> Picture:
    """Say kindly that nothing can be shown."""
    told = _EMPTY if len(table) else _NOTHING
    lines = wrap(told, WIDTH - 2 * MARGIN, TEXT)
    notes = [line for line in (hidden_note(table, names), note) if line]
    with figure_style():
        body = text_height(lines, TEXT) + 0.1
        sheet = Sheet(title, body=body, notes=notes, origin=origin)
        sheet.write(MARGIN, 0, lines, TEXT, color=SOFT)
    return picture_of(
        sheet.figure, told, *notes, title=title, notes=notes, origin=origin
    )


def picture_of(
    figure: Figure,
    *told: str,
    title: str,
    finding: str = "",
    notes: Sequence[str],
    origin: str,
) -> Picture:
    """Put a drawing together with its words; `told` says in words what is drawn."""
    return Picture(
        figure=figure,
        title=title,
        alt=sentences_of(title, finding, *told),
        note="\n".join(line for line in notes if line),
        origin=origin,
        finding=finding,
    )


def hidden_note(table: ProtectedTable, names: Names) -> str:
    """Name what is hidden, with the reason."""
    hidden = table.hidden
    if hidden.empty:
        return ""
    if table.kind == "comparison":
        reasons = "; ".join(dict.fromkeys(hidden["reason"]))
        of = f"{len(hidden)} van de {len(table)} vergelijkingen"
        return f"Niet getoond: {of} ({reasons})."
    found: dict[str, dict[str, None]] = {}
    for name, why in _entities(hidden, table.frame, names):
        found.setdefault("; ".join(dict.fromkeys(why)), {})[name] = None
    parts = [f"{', '.join(found[reason])} ({reason})" for reason in found]
    return f"Niet getoond: {'; '.join(parts)}."


def _entities(
    hidden: pd.DataFrame, frame: pd.DataFrame, names: Names
) -> list[tuple[str, list[str]]]:
    """Take hidden cells together: a whole variable, a whole group, or a cell.

    Each with the reasons for which it is hidden.
    """
    keys = [key for key in hidden.columns if key != "reason"]
    if not {"group", "variable"} <= set(keys):
        key = keys[0] if keys else "reason"
        return [
            (names[name], list(rows["reason"])) for name, rows in hidden.groupby(key)
        ]
    n_groups, n_variables = frame["group"].nunique(), frame["variable"].nunique()
    cells = records_of(hidden)
    entities, rest = [], cells
    for key, other, size in (
        ("variable", "group", n_groups),
        ("group", "variable", n_variables),
    ):
        # One variable only: it is the group that should be named.
        if key == "variable" and n_variables == 1 < n_groups:
            continue
        for name in dict.fromkeys(cell[key] for cell in rest):
            if len({cell[other] for cell in cells if cell[key] == name}) == size:
                own = [cell["reason"] for cell in rest if cell[key] == name]
                entities.append((names[name], own))
                rest = [cell for cell in rest if cell[key] != name]
    for cell in rest:
        text = f"{names[cell['group']]} bij {names[cell['variable']]}"
        entities.append((text, [cell["reason"]]))
    return entities


def interval_note(shown: pd.DataFrame, names: Names, *, confidence: float) -> str:
    """Say how to read dots and lines, and why a dot has no line."""
    bare = shown[shown["ci_low"].isna() | shown["ci_high"].isna()]
    sentences = ["Punt: gemiddelde."]
    if len(bare) < len(shown):
        sentences = [f"Punt: gemiddelde; lijn: {interval_text(confidence)}."]
    counted = bare[bare["interval"] == "telling"]["group"].unique()
    if len(counted):
        whom = ", ".join(names[group] for group in counted)
        sentences.append(f"Zonder lijn: iedereen antwoordde (telling): {whom}.")
    unknown = bare[bare["interval"] != "telling"]["group"].unique()
    if len(unknown):
        whom = ", ".join(names[group] for group in unknown)
        sentences.append(f"Zonder lijn: geen interval te berekenen: {whom}.")
    return " ".join(sentences)


def interval_text(confidence: float | None) -> str:
    """Name an interval, with its level if that is known."""
    if confidence is None:
        return "betrouwbaarheidsinterval"
    return f"{level_text(confidence)}-betrouwbaarheidsinterval"


def sentences_of(*parts: str) -> str:
    """Join parts to sentences; an empty part is left out."""
    return " ".join(
        part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part
    )


def about_text(shown: pd.DataFrame, names: Names) -> str:
    """Say who is in the figure, and how many."""
    counts = n_text(shown["n"])
    if "group" not in shown.columns:
        return counts
    groups = shown["group"].unique()
    parts = [
        f"{names[group]} ({n_text(shown.loc[shown['group'] == group, 'n'])})"
        for group in groups
    ]
    text = ", ".join(parts)
    return upper(text)
