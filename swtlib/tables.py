"""Result tables as a reader sees them: Dutch, with n, and only protected.

:func:`render_table` makes an HTML table, :func:`table_csv` and :func:`table_xlsx`
a file that other programs read. Both round; the numbers behind them stay unrounded.
"""

import hashlib
import html
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from swtlib._safe_cells import safe_cell, safe_frame
from swtlib._table_look import fixed, styled
from swtlib._table_text import (
    DASH,
    HIDDEN,
    Digits,
    as_text,
    cell,
    count_range,
    decimals,
    difference_cell,
    format_number,
    is_text,
    known_labels,
    plain,
    records_of,
)
from swtlib.disclosure import KEY_COLUMNS, ProtectedTable, require_protected, rewrap
from swtlib.errors import ParameterError, did_you_mean
from swtlib.groups import OTHERS
from swtlib.project import write_atomic
from swtlib.wave import ORIGINS

if TYPE_CHECKING:
    from great_tables import GT

__all__ = [
    "Digits",
    "format_number",
    "hidden_reasons",
    "render_table",
    "table_csv",
    "table_html",
    "table_xlsx",
    "wide_means",
]


def render_table(
    table: ProtectedTable,
    *,
    columns: Mapping[str, str],
    digits: Digits,
    title: str,
    note: str = "",
    origin: str,
    labels: Mapping[str, str] | None = None,
    percent: Sequence[str] = (),
) -> "GT":
    """Make a Dutch table of a protected result table.

    Parameters
    ----------
    table : ProtectedTable
        What is shown.
    columns : mapping of str to str
        Columns to show, in this order, and their Dutch headings. Empty: every
        column under its own name, as for `wide_means`.
    digits : int or mapping of str to int
        Decimals, for all columns or per column. Counts (``n``, ``n_...``,
        ``count``) have none unless a mapping says so, a percentage neither.
    title : str
        What is to be seen.
    note : str
        Line under the table.
    origin : str
        Line on where the answers come from, such as ``wave.origin_line()``.
    labels : mapping of str to str, optional
        Dutch text for the ids in the table.
    percent : sequence of str
        Columns that hold parts of 1 and are shown as percentages.

    Returns
    -------
    great_tables.GT
        With an id made from its content, so that the page is the same every
        time. A hidden number is a dash, and the reasons stand underneath.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If a column is not in the table.

    Examples
    --------
    >>> from swtlib.disclosure import protect
    >>> means = pd.DataFrame({"group": ["alle"], "variable": ["baken"],
    ...                       "n": [66], "mean": [0.642], "sd": [0.2]})
    >>> shown = render_table(protect(means, kind="mean"), title="Score",
    ...     columns={"variable": "baken", "mean": "gemiddelde"}, digits=2, origin="")
    >>> "0,64" in table_html(shown)
    True
    """
    from great_tables import GT, style
    from great_tables import html as raw_html
    from great_tables import loc as place

    frame = require_protected(table, where="render_table").frame
    shown = [name for name in frame.columns if name not in ("suppressed", "reason")]
    headings = dict(columns) or {
        str(name): "" if name == "label" else str(name) for name in shown
    }
    for name in (*headings, *percent):
        if name not in shown:
            raise ParameterError(
                f"the table has no column '{name}'.{did_you_mean(name, shown)}"
            )
    text = as_text(table, frame, headings, digits, labels or {}, percent)
    numeric = [name for name in headings if not is_text(frame, name)]
    cells = [name for name in numeric if name not in KEY_COLUMNS]
    for name in cells:
        text[name] = text[name].mask(frame["suppressed"], HIDDEN)
    stub = next(iter(headings))
    key = title + text.to_csv() + repr(headings)
    name = f"t-{_slug(title)}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
    gt = GT(
        text,
        id=name,
        locale="nl",
        rowname_col=stub,
        auto_align=False,
    )
    gt = gt.tab_header(raw_html(fixed(title)))
    # As HTML: great_tables takes "{{ }}" in plain text for units, and then no longer
    # escapes what stands beside it.
    said = {name: raw_html(html.escape(text)) for name, text in headings.items()}
    gt = gt.tab_stubhead(said[stub] if headings[stub] else "\N{NO-BREAK SPACE}")
    gt = gt.cols_label({name: said[name] for name in headings if name != stub})
    body = [name for name in headings if name != stub]
    wide = table.kind == "mean" and stub == "label"  # numbers with interval, as text
    right = body if wide else [name for name in body if name in numeric]
    if right:
        gt = gt.cols_align("right", right)
        look = "min-width: 6.5rem" if wide else "white-space: nowrap"
        gt = gt.tab_style(style.css(look), place.body(right))
    left = [name for name in body if name not in right]
    if left:
        gt = gt.cols_align("left", left)
    for line in (_hidden_line(table), note, origin):
        if line:
            gt = gt.tab_source_note(raw_html(fixed(line)))
    return styled(gt, name)


def table_html(table: "GT") -> str:
    """Give the HTML of a rendered table, ready to stand in a page.

    Parameters
    ----------
    table : great_tables.GT
        From `render_table`.

    Returns
    -------
    str
        Complete in itself, the same every time. The table scrolls sideways in
        a narrow window while its title and notes stay in view, also with the
        keyboard. Its style touches nothing else on the page.

    Examples
    --------
    >>> from swtlib.disclosure import protect
    >>> facts = protect(pd.DataFrame({"team": ["elburg"]}), kind="public")
    >>> shown = render_table(facts, columns={"team": "Team"}, digits=0,
    ...                      title="Teams", origin="")
    >>> table_html(shown) == table_html(shown)
    True
    """
    text = table.as_raw_html()
    found = re.search(r'<div id="([^"]+)"', text)
    if found is None:
        return text
    name = found.group(1)
    # great_tables scopes these two rules to the table for the first word only.
    text = text.replace(
        f"#{name} thead, tbody, tfoot, tr, td, th {{",
        f"#{name} :is(thead, tbody, tfoot, tr, td, th) {{",
    )
    text = re.sub(r"\n\s*tr \{", f"\n#{name} tr {{", text)
    text = re.sub(
        rf"(<td[^>]*>[^<]*?) (\([^()<]*(?:{DASH}| tot )[^()<]*\))",
        r'\1 <span class="swt-interval">\2</span>',
        text,
    )
    return text.replace(
        found.group(0),
        f'{found.group(0)} role="region" aria-labelledby="{name}-title" tabindex="0"',
        1,
    )


def wide_means(
    table: ProtectedTable,
    *,
    rows: str = "variable",
    columns: str = "group",
    labels: Mapping[str, str] | None = None,
    digits: int = 2,
    value: str = "mean",
) -> ProtectedTable:
    """Set means side by side, as text such as "0,64 (0,60–0,68)".

    Parameters
    ----------
    table : ProtectedTable
        Of kind "mean", with ``n, ci_low, ci_high`` and `value`.
    rows, columns : str
        Key columns that become the rows and the columns.
    labels : mapping of str to str, optional
        Dutch text for the ids.
    digits : int, default: 2
        Decimals.
    value : str, default: "mean"
        Column to show.

    Returns
    -------
    ProtectedTable
        A column ``label``, one column of text per group, and the number of
        answers: a first row ``n`` where the columns are groups, a column
        ``n`` where the rows are. Where the table has the difference between a
        team and the others, a last column ``verschil`` has it. A hidden cell
        is a dash. An interval that cannot be computed is left out, not made
        zero wide.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If the table is of another kind, lacks a column, or has two rows for
        one cell.

    Examples
    --------
    >>> from swtlib.disclosure import protect
    >>> means = pd.DataFrame({
    ...     "group": ["elburg", "andere"], "variable": "baken", "n": [6, 60],
    ...     "mean": [0.64, 0.5], "sd": [0.1, 0.2], "df": 60, "ci_low": [0.6, None],
    ...     "ci_high": [0.68, None],
    ... })
    >>> wide = wide_means(protect(means, kind="mean"), labels={"elburg": "Elburg"})
    >>> wide.frame[["label", "Elburg", "andere teams"]].values.tolist()
    [['n', '6', '60'], ['baken', '0,64 (0,60–0,68)', '0,50']]
    """
    frame = require_protected(table, where="wide_means").frame
    if table.kind != "mean":
        raise ParameterError(f"wide_means takes means, not kind '{table.kind}'.")
    for name in (rows, columns, "n", value, "ci_low", "ci_high"):
        if name not in frame.columns:
            raise ParameterError(
                f"the table has no column '{name}'."
                f"{did_you_mean(name, map(str, frame.columns))}"
            )
    if frame.duplicated([rows, columns]).any():
        raise ParameterError(f"the table has two rows for one {rows} and {columns}.")
    names = known_labels(labels)
    texts = {
        (row[rows], row[columns]): cell(row, value, digits) for row in records_of(frame)
    }
    order = {key: list(frame[key].unique()) for key in (rows, columns)}
    wide = pd.DataFrame(
        {
            name: [texts.get((row, name), "") for row in order[rows]]
            for name in order[columns]
        },
        index=pd.Index(order[rows], name=rows),
    )
    if "group" in (rows, columns):
        counts = frame.groupby("group", sort=False)["n"].agg(["min", "max"])
        n = counts.apply(count_range, axis=1)
        if columns == "group":
            wide = pd.concat([n.loc[order[columns]].to_frame("n").T, wide])
        else:
            wide.insert(0, "n", n.loc[order[rows]])
    if (columns, value) == ("group", "mean") and "difference" in frame.columns:
        own = frame[frame["group"] != OTHERS].set_index(rows)
        wide["verschil"] = own.apply(difference_cell, axis=1, digits=digits)
        wide["verschil"] = wide["verschil"].fillna("")
    wide = wide.rename(index=names, columns=names).rename_axis(columns=None)
    wide = wide.rename_axis("label").reset_index()
    wide["suppressed"] = False
    wide["reason"] = ""
    return rewrap(table, wide)


def table_csv(
    table: ProtectedTable, path: Path, *, digits: Digits, origin: str
) -> Path:
    """Write a protected table for other programs.

    Parameters
    ----------
    table : ProtectedTable
        What is written; hidden numbers are empty.
    path : Path
        The file; missing folders are made.
    digits : int or mapping of str to int
        Decimals, as for `render_table`: what is not shown is not given away in
        a file either, and an unrounded mean gives the sum of the answers. A
        column that a mapping does not name gets its highest number of digits.
    origin : {"fieldwork", "reconstruction", "simulation"}
        Where the answers come from; written in Dutch in the column
        ``herkomst``.

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If there is no such origin.

    Notes
    -----
    UTF-8, commas between columns and a decimal point, not a comma: R, Python,
    SPSS and jamovi read it as it is on any machine, where a decimal comma
    would need other settings. A text that a spreadsheet would take for a
    formula has an apostrophe before it. The file replaces an older one in one
    step.

    Examples
    --------
    >>> import tempfile
    >>> from swtlib.disclosure import protect
    >>> facts = protect(pd.DataFrame({"team": ["elburg"], "share": [0.126]}),
    ...                 kind="public")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = table_csv(facts, Path(folder) / "t.csv", digits=2,
    ...                      origin="simulation")
    ...     print(path.read_text("utf-8").splitlines()[1])
    elburg,0.13,false,,simulatie
    """
    require_protected(table, where="table_csv")
    text = _for_a_file(table, digits, origin).to_csv(index=False, lineterminator="\n")
    return write_atomic(path, text)


def table_xlsx(
    table: ProtectedTable,
    path: Path,
    *,
    digits: Digits,
    origin: str,
    about: Sequence[str] = (),
) -> Path:
    """Write a protected table for a spreadsheet.

    Parameters
    ----------
    table, path, digits, origin
        As in `table_csv`: the same columns, rounded as there.
    about : sequence of str
        Lines for a second sheet: what it is, how to read it, where it comes
        from.

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    DisclosureError, ParameterError
        As for `table_csv`.

    Notes
    -----
    A hidden number is an empty cell. A text is never a formula: one that looks
    like it has an apostrophe before it, and is marked as text besides.

    Examples
    --------
    >>> import tempfile
    >>> from openpyxl import load_workbook
    >>> from swtlib.disclosure import protect
    >>> facts = protect(pd.DataFrame({"team": ["elburg"], "share": [0.126]}),
    ...                 kind="public")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = table_xlsx(facts, Path(folder) / "t.xlsx", digits=2,
    ...                       origin="simulation")
    ...     [cell.value for cell in load_workbook(path)["tabel"][2]]
    ['elburg', 0.13, 'false', None, 'simulatie']
    """
    from openpyxl import Workbook

    known = require_protected(table, where="table_xlsx").frame
    frame = _for_a_file(table, digits, origin)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "tabel"
    sheet.append([str(name) for name in frame.columns])
    numbers = [name in known and not is_text(known, name) for name in frame.columns]
    for row in frame.itertuples(index=False):
        cells = [None if text == "" or text != text else text for text in row]
        sheet.append(
            [
                float(text) if number and text is not None else text
                for text, number in zip(cells, numbers, strict=True)
            ]
        )
    sheet.freeze_panes = "A2"
    beside = book.create_sheet("over deze tabel")
    for line in about:
        beside.append([safe_cell(line)])
    beside.column_dimensions["A"].width = 110
    for page in book.worksheets:
        for cells in page.iter_rows():
            for one in cells:
                if isinstance(one.value, str):
                    one.data_type = "s"
    file = io.BytesIO()
    book.save(file)
    return write_atomic(path, file.getvalue())


def _for_a_file(table: ProtectedTable, digits: Digits, origin: str) -> pd.DataFrame:
    """Write every cell as a file has it: rounded, safe, with the origin."""
    frame = table.frame
    if origin not in ORIGINS:
        raise ParameterError(
            f"there is no origin '{origin}'.{did_you_mean(origin, ORIGINS)}"
        )
    written: dict[str, Sequence[object]] = {}
    for name, column in safe_frame(frame).items():
        if pd.api.types.is_bool_dtype(column):
            written[str(name)] = list(column.map({True: "true", False: "false"}))
        elif pd.api.types.is_numeric_dtype(column):
            shown = decimals(table, column, digits)
            written[str(name)] = [plain(float(value), shown) for value in column]
        else:
            written[str(name)] = list(column)
    written["herkomst"] = [ORIGINS[origin]] * len(frame)
    return pd.DataFrame(written, dtype="object")


def hidden_reasons(table: ProtectedTable) -> list[str]:
    """List the reasons why something is hidden, each once.

    Parameters
    ----------
    table : ProtectedTable
        Any protected table.

    Returns
    -------
    list of str
        Dutch reasons in order of appearance; empty if nothing is hidden.
    """
    return list(dict.fromkeys(table.hidden["reason"]))


def _hidden_line(table: ProtectedTable) -> str:
    reasons = hidden_reasons(table)
    return f"{HIDDEN} niet getoond: {'; '.join(reasons)}." if reasons else ""


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40]
