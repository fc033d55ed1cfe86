"""Write drawn answers the way LimeSurvey writes its results.

Made-up answers enter the workbench by the same door as real ones: an export
with question codes as headings and answer codes as answers. What a
participant did not reach is NULL (nothing at all between two separators), what
was seen and left open is ``""``, except a number, which LimeSurvey leaves NULL
in both cases.
"""

from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from swtlib.codebook import TEAM_ITEM, Codebook, Instrument, Item
from swtlib.dice import Dice
from swtlib.project import write_atomic
from swtlib.readers.limesurvey import ABOUT_RESPONSE

LANGUAGE = "nl"
IN_FRAME = {TEAM_ITEM: "team"}  # items with another name in the answers frame
MINUTES_A_PAGE = (2, 6)
FIRST_HOUR = 8
HOUR_WEIGHTS = (2, 6, 7, 6, 2, 5, 6, 6, 4, 1, 0, 2, 3, 2)  # 8 to 21 o'clock
DAY_WEIGHTS = (6, 7, 5, 6, 4, 1, 1)  # Monday to Sunday
WEEK_WEIGHTS = (5, 3, 2, 4, 1)  # five weeks: after the invitation, after a reminder
SHARE_DELETED = 0.08  # responses removed by hand leave gaps between the ids
SEED_DIGITS = (100_000_000, 2_147_483_647)


def write_export(
    answers: pd.DataFrame,
    codebook: Codebook,
    path: Path,
    *,
    seed: int,
    year: int,
) -> Path:
    """Write answers as a LimeSurvey results file.

    Parameters
    ----------
    answers : DataFrame, shape (n_respondents, n_columns)
        As from `simulate_answers`: background, a column per item,
        ``last_page`` and ``completed``.
    codebook : Codebook
        Headings and answer codes.
    path : Path
        The csv file; a file that is there is replaced.
    seed : int
        Seed of dates, ids and order of the rows.
    year : int
        Wave that is written: which items it asks, and the year of the dates.

    Returns
    -------
    Path
        The same path.

    Notes
    -----
    UTF-8 with byte order mark, semicolons, CRLF, every value quoted. Rows
    stand in the order in which people started, which is drawn, so that no team
    follows from it. ``submitdate`` is empty for who broke off.
    """
    columns = codebook.columns(year)
    asked = {
        instrument.id: instrument.eligibility.asked(answers).tolist()
        for instrument in codebook.instruments.values()
    }
    records = answers.to_dict("records")
    lines: list[list[str | None]] = [[*ABOUT_RESPONSE, *columns]]
    for row, fixed in _draw_visits(answers, seed, year):
        record = records[row]
        cells = [
            _cell(record, instrument, item, asked=bool(asked[instrument.id][row]))
            for instrument, item in columns.values()
        ]
        lines.append([*fixed, *cells])
    quoted = [
        ";".join("" if cell is None else _quote(cell) for cell in line)
        for line in lines
    ]
    text = "".join(f"{line}\r\n" for line in quoted)
    return write_atomic(path, text.encode("utf-8-sig"))


def _quote(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _cell(
    record: Mapping[Hashable, object],
    instrument: Instrument,
    item: Item,
    *,
    asked: bool,
) -> str | None:
    """Give the cell of one answer; None is NULL."""
    if not asked or instrument.page > int(str(record["last_page"])):
        return None
    value = record.get(IN_FRAME.get(item.id, item.id))
    if value is not None and value == value:
        return item.response.encode(value)
    return None if item.response.kind == "number" else ""


def _draw_visits(
    answers: pd.DataFrame, seed: int, year: int
) -> list[tuple[int, list[str | None]]]:
    """Draw when each respondent came, and number them in that order."""
    dice = Dice(seed, "visits")
    first = datetime(year, 2, 1)  # the report of 2015: February and March
    first += timedelta(days=-first.weekday() % 7)  # a Monday
    visits = []
    for row, pages in enumerate(answers["last_page"].tolist()):
        day = 7 * dice.weighted(WEEK_WEIGHTS) + dice.weighted(DAY_WEIGHTS)
        start = first + timedelta(
            days=day,
            hours=FIRST_HOUR + dice.weighted(HOUR_WEIGHTS),
            minutes=dice.below(60),
            seconds=dice.below(60),
        )
        seconds = sum(60 * dice.between(*MINUTES_A_PAGE) for _ in range(int(pages)))
        visits.append((start, row, start + timedelta(seconds=seconds + dice.below(60))))
    completed = answers["completed"].tolist()
    lines: list[tuple[int, list[str | None]]] = []
    number = 0
    for start, row, end in sorted(visits):
        number += 1
        while dice.uniform() < SHARE_DELETED:
            number += 1
        lines.append(
            (
                row,
                [
                    str(number),
                    str(end) if completed[row] else None,
                    str(int(answers["last_page"].iloc[row])),
                    LANGUAGE,
                    str(dice.between(*SEED_DIGITS)),
                    str(start),
                    str(end),
                ],
            )
        )
    return lines
