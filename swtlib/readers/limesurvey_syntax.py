"""LimeSurvey's data files for R and SPSS, read with the syntax beside them.

The data hold no question codes, and number sex, yes/no and ticked boxes; the
syntax file says what each column and number is. Either file may be named; the
other is looked for in the same folder.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from swtlib.errors import IngestError
from swtlib.readers._headings import (
    clean_text,
    code_names,
    make_headings,
    read_headings,
)
from swtlib.readers._own_words import own_codes
from swtlib.readers._raw import ExportFile, RawExport, refuse
from swtlib.readers._records import Record, check_lengths, split_records
from swtlib.readers.limesurvey import build_export

TEXT = r'"((?:[^"\\]|\\.)*)"'
R_DATA = re.compile(r'read\.csv\("([^"\n]{1,200})"')
R_LABEL = re.compile(rf"variable\.labels\[(\d+)\] <- {TEXT}")
R_NAME = re.compile(rf"names\(data\)\[(\d+)\] <- {TEXT}")
R_LEVELS = re.compile(
    rf"data\[, (\d+)\] <- factor\(.*?levels=c\(((?:{TEXT}|[^\")])*)\),"
    rf"labels=c\(((?:{TEXT}|[^\")])*)\)\)"
)
R_VALUE = re.compile(rf"{TEXT}|([^\s,]+)")
R_DATA_NAME = re.compile(r"survey_(\d+)_R_data_file", re.IGNORECASE)
SPS_DATA = re.compile(r"/FILE='([^'\n]{1,200})'")
SPS_TYPE = re.compile(r"^ V(\d+) ([A-Z]+)[\d.]*\.?$", re.MULTILINE)
SPS_LABEL = re.compile(r'^VARIABLE LABELS V(\d+) "(.*)"\.$', re.MULTILINE)
SPS_NAME = re.compile(r"^RENAME VARIABLES \( V(\d+) = (\S+) \)\.$", re.MULTILINE)
SPS_VALUES = re.compile(r"^VALUE LABELS  V(\d+)\n((?: .*(?:\n|\Z))+)", re.MULTILINE)
SPS_VALUE = re.compile(r'^ (?:"(.*?)"|(\S+)) "(.*)"\.?$', re.MULTILINE)
SPS_ROW = re.compile(r"\d+,.*'\d\d-\d\d-\d{4} \d\d:\d\d:\d\d'")
SPS_DATE = re.compile(r"(\d\d)-(\d\d)-(\d{4}) (\d\d:\d\d:\d\d)")
OTHER = "-oth-"


@dataclass(frozen=True, kw_only=True)
class Syntax:
    """What a syntax file says of its data.

    ``data`` is the name of the data file; ``names``, ``texts``, ``labels`` and
    ``kinds`` are by the number of the column, from 1.
    """

    path: Path
    data: str
    names: Mapping[int, str]
    texts: Mapping[int, str]
    labels: Mapping[int, Mapping[str, str]]
    kinds: Mapping[int, str] = field(default_factory=dict)

    def check(self, n_columns: int, name: str) -> None:
        """Raise an IngestError if the data have another number of columns."""
        if [*self.names] != [*range(1, n_columns + 1)]:
            raise IngestError(
                f"{name}: {n_columns} columns, but {self.path.name} describes "
                f"{len(self.names)}. They are not of one export; download both again."
            )


def read_spss_pair(file: ExportFile) -> RawExport | None:
    """Read an SPSS data file (.dat) with its syntax (.sps).

    Parameters
    ----------
    file : ExportFile
        Either of the two, or any other file.

    Returns
    -------
    RawExport or None
        None if it is something else.

    Raises
    ------
    IngestError
        If the other file is missing, they do not fit, or the data have faults.

    Notes
    -----
    LimeSurvey writes a space for a line break, and drops HTML that a person
    typed. Where "no answer" is a number such as 99, a broken-off response has
    it for its date; that shows which number it is.
    """
    syntax = _parse_sps(file)
    if syntax is not None:
        file = _data_file(syntax, file)
    elif not SPS_ROW.match(file.head):
        return None
    rows = split_records(file.text(), ",", quote="'", name=file.name, headed=False)
    width = len(rows.rows[0].cells) if rows.rows else 0
    if syntax is None:
        known = [s for s in map(_parse_sps, _beside(file, ".sps")) if s is not None]
        syntax = _choose(known, file, width)
        if syntax is None:
            raise IngestError(
                f"{file.name}: this is an SPSS data file; which question a column is, "
                "stands in its syntax file. Put survey_..._SPSS_syntax_file.sps in the "
                "same folder, or export as CSV."
            )
    syntax.check(width, file.name)
    kept, problems = check_lengths(rows.rows, width, file.name)
    cells = [_spss_row(record.cells, syntax.kinds) for record in kept]
    empty = _no_answer(cells, syntax.kinds)
    if empty:  # it stands for "not asked"; nothing at all is "left open"
        cells = [[None if c == empty else c or "" for c in row] for row in cells]
    return _build(
        file, syntax, kept, cells, rows.problems + problems, tells_nothing=not empty
    )


def read_r_pair(file: ExportFile) -> RawExport | None:
    """Read R's data file (.csv) with its syntax (.R).

    Parameters
    ----------
    file : ExportFile
        Either of the two, or any other file.

    Returns
    -------
    RawExport or None
        None if it is something else.

    Raises
    ------
    IngestError
        If the other file is missing, they do not fit, or the data have faults.
    """
    syntax = _parse_r(file)
    if syntax is not None:
        file = _data_file(syntax, file)
    elif "," not in file.head.partition("\n")[0]:
        return None
    first = split_records(file.head, ",", name=file.name, most=1).rows
    found = [cell or "" for cell in first[0].cells] if first else []
    if syntax is None:
        if read_headings(found) is None:
            return None
        known = [s for s in map(_parse_r, _beside(file, ".R")) if s is not None]
        syntax = _choose(known, file, len(found))
        if syntax is None and R_DATA_NAME.search(file.name):
            raise IngestError(
                f"{file.name}: this is R's data file; what its numbers mean stands in "
                "its syntax file. Put survey_..._R_syntax_file.R in the same folder, "
                "or export as CSV."
            )
        if syntax is None:
            return None
    syntax.check(len(found), file.name)
    records = split_records(file.text(), ",", name=file.name)
    kept, problems = check_lengths(records.rows[1:], len(found), file.name)
    cells = [record.cells for record in kept]
    if syntax.data != file.name and not _fits(syntax, cells):
        return None  # an ordinary results file of the same survey
    return _build(file, syntax, kept, cells, records.problems + problems)


def _build(
    file: ExportFile,
    syntax: Syntax,
    records: Sequence[Record],
    rows: Sequence[Sequence[str | None]],
    problems: Sequence[str],
    *,
    tells_nothing: bool = False,
) -> RawExport:
    """Write numbered answers as codes, and make the export.

    Of these, nothing at all may also be "left open".
    """
    own: dict[int, dict[str, str]] = {}
    for column, labels in syntax.labels.items():
        codes = own_codes(labels)
        if {row[column - 1] or "" for row in rows} - {"", *codes} or not codes:
            continue
        own[column] = codes
    cells = [
        [
            own[at].get(cell or "", "") if at in own else cell
            for at, cell in enumerate(row, start=1)
        ]
        for row in rows
    ]
    names = dict(zip(syntax.names, code_names([*syntax.names.values()]), strict=True))
    labels_by_name = {
        names[at]: {
            own.get(at, {}).get(code, code): label
            for code, label in labels.items()
            if own.get(at, {}).get(code, code)
        }
        for at, labels in syntax.labels.items()
    }
    export = build_export(
        file,
        make_headings([*names.values()], [syntax.texts.get(at, "") for at in names]),
        cells,
        pd.Index([record.line for record in records], name="line", dtype=int),
        problems=problems,
        labels=labels_by_name,
        tells_nothing=tells_nothing,
    )
    return replace(export, beside=(syntax.path, file.path))


def _parse_r(file: ExportFile) -> Syntax | None:
    data = R_DATA.search(file.head)
    if data is None or "LimeSurvey Field type" not in file.head:
        return None
    text = file.text()
    labels = {}
    for match in R_LEVELS.finditer(text):
        codes, words = (
            [_unescape(m[1]) if m[1] is not None else m[2] for m in R_VALUE.finditer(x)]
            for x in (match[2], match[4])
        )
        labels[int(match[1])] = dict(zip(codes, words, strict=False))
    return Syntax(
        path=file.path,
        data=data[1],
        names={int(m[1]): _unescape(m[2]) for m in R_NAME.finditer(text)},
        texts={int(m[1]): clean_text(_unescape(m[2])) for m in R_LABEL.finditer(text)},
        labels=labels,
    )


def _parse_sps(file: ExportFile) -> Syntax | None:
    data = SPS_DATA.search(file.head)
    if data is None or "GET DATA" not in file.head:
        return None
    text = file.text().replace("\r\n", "\n")
    names = {int(m[1]): m[2] for m in SPS_NAME.finditer(text)}
    if not names:
        return None
    return Syntax(
        path=file.path,
        data=data[1],
        names=names,
        texts={int(m[1]): clean_text(m[2]) for m in SPS_LABEL.finditer(text)},
        labels={
            int(block[1]): {
                m[1] if m[1] is not None else m[2]: m[3]
                for m in SPS_VALUE.finditer(block[2])
            }
            for block in SPS_VALUES.finditer(text)
        },
        kinds={int(m[1]): m[2] for m in SPS_TYPE.finditer(text)},
    )


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], text)


def _beside(file: ExportFile, ending: str) -> Iterable[ExportFile]:
    """Give the files of one kind in the same folder."""
    for path in sorted(file.path.parent.iterdir()):
        if path.suffix.lower() == ending.lower() and path.is_file():
            yield ExportFile(path, path.read_bytes())


def _choose(known: list[Syntax], file: ExportFile, n_columns: int) -> Syntax | None:
    """Take the syntax that names the file, else one that is as wide."""
    for syntax in known:
        if syntax.data == file.name:
            return syntax
    wide = [syntax for syntax in known if len(syntax.names) == n_columns]
    return wide[0] if wide else None


def _data_file(syntax: Syntax, file: ExportFile) -> ExportFile:
    # Only a name: a path in the syntax would be one of another computer.
    path = file.path.parent / Path(syntax.data.replace("\\", "/")).name
    if not path.is_file():
        refuse(
            [
                f"{file.name}: this is a syntax file; the answers stand in "
                f"{path.name}, which is not in the same folder. Put it there, or "
                "export as CSV."
            ]
        )
    return ExportFile(path, path.read_bytes())


def _fits(syntax: Syntax, rows: Sequence[Sequence[str | None]]) -> bool:
    """Say whether every answer is one that the syntax has a label for."""
    return all(
        (row[at - 1] or OTHER) in {*labels, OTHER}
        for at, labels in syntax.labels.items()
        for row in rows
    )


def _spss_row(
    cells: Sequence[str | None], kinds: Mapping[int, str]
) -> list[str | None]:
    """Write dates and numbers as the CSV export does."""
    written: list[str | None] = []
    for at, cell in enumerate(cells, start=1):
        kind = kinds.get(at, "A")
        date = SPS_DATE.fullmatch(cell or "")
        if cell and kind == "DATETIME" and date:
            cell = f"{date[3]}-{date[2]}-{date[1]} {date[4]}"
        elif cell and kind == "F" and re.fullmatch(r"-?\d+\.\d+", cell):
            cell = cell.rstrip("0").rstrip(".")
        written.append(cell)
    return written


def _no_answer(rows: Sequence[Sequence[str | None]], kinds: Mapping[int, str]) -> str:
    """Find the number for "no answer": what stands where a date must stand."""
    found = {
        row[at - 1] or ""
        for at, kind in kinds.items()
        if kind == "DATETIME"
        for row in rows
        if not _is_date(row[at - 1] or "")
    }
    return found.pop() if len(found) == 1 else ""


def _is_date(cell: str) -> bool:
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return len(cell) > 9  # Python 3.11 reads 20161 as a date
