"""The figure of answers to statements, as bars around the neutral answer."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from swtlib._figure_chart import HIDDEN
from swtlib._figure_colours import Colour, answer_colours
from swtlib._figure_findings import find_majorities
from swtlib._figure_panel import draw_line
from swtlib._figure_style import (
    INK,
    MARGIN,
    SMALL,
    SOFT,
    TEXT,
    WIDTH,
    Picture,
    Sheet,
    figure_style,
    ink_on,
    leading,
    n_text,
    text_height,
    text_width,
    wrap,
)
from swtlib._figure_words import (
    Names,
    Words,
    about_text,
    empty_picture,
    hidden_note,
    needs,
    picture_of,
)
from swtlib._table_text import DASH, format_number, format_share, records_of
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError, did_you_mean

_SMALLEST = 0.06  # a smaller part of a bar has no number in it
_HEIGHT = 0.25  # inches of a bar


def plot_likert(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    answers: Sequence[str],
    title: str,
    origin: str,
    ends: tuple[str, str] = ("oneens", "eens"),
    sort: Literal["given", "agree"] = "given",
    note: str = "",
) -> Picture:
    """Draw the answers to statements as bars around the neutral answer.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "distribution": ``group, variable, n, share`` and
        ``answer_label`` (or ``category``).
    labels, title, origin, note
        As in `plot_means`.
    answers : sequence of str
        All answers there are, lowest first; also those that nobody gave.
    ends : tuple of str, default: ("oneens", "eens")
        Names for the lower and the higher answers together.
    sort : {"given", "agree"}
        Order of the table, or most of the higher answers first.

    Returns
    -------
    Picture
        A bar per statement and group, with the shares of the lower and higher
        answers together at its ends. Half of a neutral middle answer lies at
        each side. Shares are added before they are rounded.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If a column is missing, or an answer is not among `answers`.

    Examples
    --------
    >>> from swtlib.disclosure import protect
    >>> shares = protect(pd.DataFrame({"group": "alle", "variable": "overleg",
    ...     "answer": [0, 1, 2], "answer_label": ["nee", "soms", "ja"], "n": 40,
    ...     "count": [4, 6, 30], "share": [0.1, 0.15, 0.75]}), kind="distribution")
    >>> plot_likert(shares, labels={"overleg": "Wij overleggen"}, title="Overleg",
    ...     answers=["nee", "soms", "ja"], ends=("nee", "ja"),
    ...     origin="Herkomst: ...").alt
    'Overleg. Een meerderheid antwoordt ‘ja’ (75%). Alle teams (n = 40). Wij \
overleggen: 10% nee, 15% soms, 75% ja.'
    """
    frame = needs(table, ("group", "variable", "n", "share"), where="plot_likert")
    names = Names(labels)
    shown = frame[~frame["suppressed"]]
    if shown.empty:
        return empty_picture(table, names, title=title, origin=origin, note=note)
    wide = _wide_shares(frame, answers)
    if sort == "agree":
        wide = _most_agreed_first(wide, len(answers))
    groups = list(frame["group"].unique())
    notes = [
        "Getallen in de balken: percentages, naast de balken opgeteld. Door afronding "
        "kan het totaal iets van 100 verschillen. Meerderheid: ook met de onzekerheid "
        "erbij meer dan de helft.",
        hidden_note(table, names),
        note,
    ]
    about = about_text(shown, names)
    finding = find_majorities(_by_group(wide, len(answers)), names, ends)
    words = Words(title=title, finding=finding, notes=notes, origin=origin)
    with figure_style():
        figure = _likert(wide, groups, names, answers, ends, subtitle=about, **words)
    told = []
    several = len(groups) > 1
    for row in records_of(wide[~wide["suppressed"]]):
        low, middle, high = _totals(row, len(answers))
        parts = [f"{format_share(low)} {ends[0]}", f"{format_share(high)} {ends[1]}"]
        if len(answers) % 2:
            parts.insert(1, f"{format_share(middle)} {answers[len(answers) // 2]}")
        whom = f", {names[row['group']]}" if several else ""
        told.append(f"{names[row['variable']]}{whom}: {', '.join(parts)}")
    return picture_of(figure, about, *told, hidden_note(table, names), **words)


def _by_group(
    wide: pd.DataFrame, size: int
) -> dict[str, list[tuple[float, float, float]]]:
    """Give for each group the lower and higher answers of what is shown, and n."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    for row in records_of(wide[~wide["suppressed"]]):
        low, _, high = _totals(row, size)
        found.setdefault(str(row["group"]), []).append((low, high, float(row["n"])))
    return found


def _wide_shares(frame: pd.DataFrame, answers: Sequence[str]) -> pd.DataFrame:
    """One row per variable and group: n, suppressed, and a column per answer."""
    key = next((k for k in ("answer_label", "category") if k in frame), None)
    if key is None:
        raise ParameterError("plot_likert needs the column 'answer_label'.")
    for label in frame[key].unique():
        if label not in answers:
            raise ParameterError(
                f"'{label}' is not among the answers.{did_you_mean(label, answers)}"
            )
    place = {label: at for at, label in enumerate(answers)}
    rows = []
    for (variable, group), part in frame.groupby(["variable", "group"], sort=False):
        shares = part.set_index(part[key].map(place))["share"]
        if shares.index.duplicated().any():
            raise ParameterError(f"'{variable}' has two rows for one answer.")
        row = {"variable": variable, "group": group, "n": part["n"].iloc[0]}
        row["suppressed"] = bool(part["suppressed"].any())
        rows.append(row | {at: shares.get(at, 0.0) for at in range(len(answers))})
    return pd.DataFrame(rows)


def _most_agreed_first(wide: pd.DataFrame, size: int) -> pd.DataFrame:
    high = pd.Series([_totals(row, size)[2] for row in records_of(wide)])
    main = high.groupby(wide["variable"], sort=False).first()
    place = main.sort_values(ascending=False, kind="stable").index
    order = wide["variable"].map({name: at for at, name in enumerate(place)})
    return wide.iloc[order.argsort(kind="stable").to_numpy()].reset_index(drop=True)


def _totals(row: Mapping[Any, Any], size: int) -> tuple[float, float, float]:
    """Add the shares below, in and above the middle."""
    half = size // 2
    shares = [float(row[at]) for at in range(size)]
    middle = shares[half] if size % 2 else 0.0
    return sum(shares[:half]), middle, sum(shares[size - half :])


def _likert(
    wide: pd.DataFrame,
    groups: Sequence[str],
    names: Names,
    answers: Sequence[str],
    ends: tuple[str, str],
    **words: Any,
) -> Figure:
    size = len(answers)
    inner = WIDTH - 2 * MARGIN
    box = inner / size
    keys = [wrap(answer, box - 0.08, SMALL) for answer in answers]
    key_height = max(text_height(lines, SMALL) for lines in keys) + 0.08
    heads = key_height + 0.1 + leading(SMALL)
    several = DASH in n_text(wide["n"])
    blocks, y = [], heads + 0.06
    for variable, part in wide.groupby("variable", sort=False):
        text = names[variable]
        if several and len(groups) == 1 and part["n"].notna().all():
            text += f" ({n_text(part['n'])})"
        lines = wrap(text, inner, TEXT)
        blocks.append((y, lines, part))
        y += text_height(lines, TEXT) + 0.05 + len(part) * (_HEIGHT + 0.07) + 0.08
    sheet = Sheet(body=y, **words)
    colours = answer_colours(size)
    _answer_key(sheet, keys, colours, box, key_height)
    for at, text, side in (
        (MARGIN, ends[0], "left"),
        (WIDTH - MARGIN, ends[1], "right"),
    ):
        look: dict[str, Any] = {"ha": side, "weight": "bold", "color": SOFT}
        sheet.write(at, key_height + 0.1, text, SMALL, **look)

    column = text_width("100%", SMALL, bold=True) + 0.08
    label = 0.0
    if len(groups) > 1:
        label = max(text_width(names[g], SMALL) for g in groups) + 0.1
    left = MARGIN + label + column
    axes = sheet.axes(left, 0, WIDTH - MARGIN - column - left, y)
    totals = np.array([_totals(row, size) for row in records_of(wide)])
    low = np.nanmax(totals[:, 0] + totals[:, 1] / 2)
    high = np.nanmax(totals[:, 2] + totals[:, 1] / 2)
    axes.set(xlim=(-max(low, 0.05), max(high, 0.05)), ylim=(y, 0))
    axes.set_axis_off()
    inch = (low + high) / (WIDTH - MARGIN - column - left)
    for at, lines, part in blocks:
        sheet.write(MARGIN, at, lines, TEXT)
        top = at + text_height(lines, TEXT) + 0.05
        for row in records_of(part):
            text_at = top + (_HEIGHT - leading(SMALL)) / 2
            if label:
                sheet.write(MARGIN, text_at, names[row["group"]], SMALL, color=SOFT)
            if row["suppressed"]:
                look = {"style": "italic", "color": SOFT}
                sheet.write(left, text_at, HIDDEN, SMALL, **look)
            else:
                _answer_bar(axes, row, top, colours, inch)
                for x, total, side in (
                    (left - 0.06, _totals(row, size)[0], "right"),
                    (WIDTH - MARGIN, _totals(row, size)[2], "right"),
                ):
                    look = {"ha": side, "weight": "bold"}
                    sheet.write(x, text_at, format_share(total), SMALL, **look)
            top += _HEIGHT + 0.07
    return sheet.figure


def _answer_key(
    sheet: Sheet,
    keys: Sequence[Sequence[str]],
    colours: Sequence[Colour],
    box: float,
    height: float,
) -> None:
    axes = sheet.axes(MARGIN, 0, box * len(keys), height)
    axes.set(xlim=(0, len(keys)), ylim=(height, 0))
    axes.set_axis_off()
    for at, (lines, colour) in enumerate(zip(keys, colours, strict=True)):
        look: dict[str, Any] = {"facecolor": colour, "edgecolor": "white", "lw": 1.5}
        axes.add_artist(Rectangle((at, 0), 1, height, **look))
        above = (height - text_height(lines, SMALL)) / 2
        x = MARGIN + (at + 0.5) * box
        sheet.write(x, above, lines, SMALL, ha="center", color=ink_on(colour))


def _answer_bar(
    axes: Axes,
    row: Mapping[Any, Any],
    top: float,
    colours: Sequence[Colour],
    inch: float,
) -> None:
    below, middle, _ = _totals(row, len(colours))
    x = -below - middle / 2
    for at, colour in enumerate(colours):
        share = float(row[at])
        if share <= 0:
            continue
        gid = f"answer|{row['variable']}|{row['group']}|{at}"
        look: dict[str, Any] = {"facecolor": colour, "edgecolor": "white", "lw": 1}
        axes.add_artist(Rectangle((x, top), share, _HEIGHT, gid=gid, **look))
        text = format_number(100 * share, 0)
        if share >= _SMALLEST and text_width(text, SMALL) < share / inch:
            axes.text(
                x + share / 2,
                top + _HEIGHT / 2,
                text,
                fontsize=SMALL,
                ha="center",
                va="center_baseline",
                color=ink_on(colour),
            )
        x += share
    for end, out in ((top, -0.04), (top + _HEIGHT, 0.04)):  # where the middle is
        look = {"color": INK, "lw": 0.9, "solid_capstyle": "butt"}
        draw_line(axes, [0, 0], [end, end + out], **look)
