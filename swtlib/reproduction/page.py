"""The page on the reproduction of the 2015 report, in Dutch.

Only the content: headings, text and tables as HTML with classes. What stands
around it (head, style, navigation) belongs to who writes the page.
"""

import re
from html import escape

import pandas as pd

from swtlib.errors import DisclosureError
from swtlib.reproduction.check import STATUSES, summarise
from swtlib.reproduction.markup import html_table, paragraphs
from swtlib.reproduction.page_findings import findings
from swtlib.reproduction.published import Published, load_published
from swtlib.reproduction.wording import (
    HOW_LABELS,
    STATUS_LABELS,
    STATUS_MEANING,
    computed_text,
    describe_row,
    published_text,
    verdict_text,
)
from swtlib.wave import Origin

# Places of the report in the order of the page; the first that fits counts.
PLACES: tuple[tuple[str, str], ...] = (
    ("Tabel 2 en de tekst erbij", r"tabel 2$|tekst bij tabel 2"),
    ("Respons en functies (H5, H6, figuur 18)", r"H5|H6|figuur 18|§6\.8"),
    ("Opzet en teams (§2.4, §4.2, §6.1)", r"§2\.4|§4\.2|§6\.1"),
    ("Tabel 3", r"tabel 3$"),
    ("Tabel 4", r"tabel 4$"),
    ("Tabel 5", r"tabel 5$"),
    ("Tabel 11", r"tabel 11$"),
    ("Figuur 19 tot en met 24", r"figuur (19|2[0-4]) "),
    ("§5.1", r"§5\.1"),
    ("Figuur 25 tot en met 35", r"figuur (2[5-9]|3[0-5]) "),
    ("Tabel 6 en figuur 37", r"tabel 6$|figuur 37"),
    ("Tabel 7", r"tabel 7$"),
    ("Tabel 10", r"tabel 10$"),
    ("Tabel 8", r"tabel 8$"),
    ("Tabel 9", r"tabel 9$"),
    ("§5.3", r"§5\.3"),
    ("Figuur 38 tot en met 41", r"figuur (3[89]|4[01]) "),
    ("§5.5 en §5.6", r"§5\.5|§5\.6"),
    ("Bijlage met open antwoorden", r"bijlage"),
    ("§6.3 tot en met §6.6", r"§6\.[3-6]"),
    ("Samenvatting, abstract en achterflap", r"Samenvatting|Abstract|achterflap"),
)
ELSEWHERE = "Elders in het rapport"
SHORT_LABELS = (
    "klopt",
    "tegenspraak",
    "niet uit antwoorden",
    "geen getal",
    "niet gelukt",
)
HOW_MEANING = {
    "exact": "Tot op de laatste gedrukte decimaal.",
    "som van afgeronde aandelen": (
        "Geen aantal respondenten geeft dit percentage; twee apart afgeronde aandelen "
        "samen wel."
    ),
    "benadering": "'Ongeveer', 'een derde': hoogstens 5 procentpunt ernaast.",
    "grens": "'Minstens', 'minder dan', 'ruim'.",
}


def reproduction_page(
    result: pd.DataFrame, *, origin: Origin, origin_line: str = ""
) -> str:
    """Write the page on what of the 2015 report was reproduced.

    Parameters
    ----------
    result : DataFrame
        From `swtlib.reproduction.check.check_wave`.
    origin : {"reconstruction", "simulation"}
        Where the answers come from.
    origin_line : str, default ""
        The Dutch line on origin, from ``wave.origin_line()``.

    Returns
    -------
    str
        HTML of the content, from ``<section>`` to ``</section>``; headings
        start at ``<h2>``.

    Raises
    ------
    DisclosureError
        For real answers: the page shows figures of small groups, recounted.
    """
    if origin == "fieldwork":
        raise DisclosureError(
            "The page on the reproduction shows recounted figures of teams down to one "
            "respondent. It is made of invented answers only, not of fieldwork."
        )
    parts = [
        _verdicts(result, origin_line),
        findings(result),
        _places(result),
    ]
    return "\n".join(parts) + "\n"


def place_of(row: Published) -> str:
    """Give the place in the report under which the page lists a row.

    Examples
    --------
    >>> place_of(load_published()[0])
    'Opzet en teams (§2.4, §4.2, §6.1)'
    """
    for title, pattern in PLACES:
        if re.match(pattern, row.source):
            return title
    return ELSEWHERE


def _verdicts(result: pd.DataFrame, origin_line: str) -> str:
    counts = summarise(result)
    lines = []
    for status in STATUSES:
        rows = counts[counts["status"] == status]
        total = int(rows["n"].sum())
        lines.append((STATUS_LABELS[status], str(total), STATUS_MEANING[status]))
        if status == "reproduced":
            lines += [
                (f"– {HOW_LABELS[how]}", str(n), HOW_MEANING[how])
                for how, n in zip(rows["how"], rows["n"], strict=True)
            ]
    n_failed = int((result["status"] == "failed").sum())
    outcome = (
        "Alle cijfers die uit antwoorden kunnen volgen en die het rapport niet zelf "
        "tegenspreekt, komen uit deze antwoorden."
        if not n_failed
        else f"{n_failed} cijfers die uit antwoorden kunnen volgen, komen er niet uit."
    )
    table = html_table(
        ("Oordeel", "Aantal", "Wat het betekent"),
        lines,
        caption=f"De {len(result)} gepubliceerde cijfers en uitspraken, naar oordeel",
        numeric=(1,),
    )
    intro = paragraphs(
        "Elk cijfer uit het rapport van 2015 is hier opnieuw geteld, op de manier van "
        f"het rapport zelf. {outcome}",
        origin_line,
    )
    heading = "<h2>Wat is nagerekend</h2>"
    return f'<section id="oordeel">\n{heading}\n{intro}\n{table}\n</section>'


def _places(result: pd.DataFrame) -> str:
    published = {row.id: row for row in load_published()}
    places = pd.Series([place_of(published[name]) for name in result["id"]])
    titles = [title for title, _ in PLACES] + [ELSEWHERE]
    lines, details = [], []
    for title in titles:
        rows = result[(places == title).to_numpy()]
        if rows.empty:
            continue
        counts = [int((rows["status"] == status).sum()) for status in STATUSES]
        lines.append((title, str(len(rows)), *(str(n) if n else "" for n in counts)))
        details.append(_detail(title, rows, published))
    table = html_table(
        ("Plaats", "Cijfers", *SHORT_LABELS),
        lines,
        caption="Oordeel per plaats in het rapport",
        numeric=tuple(range(1, 2 + len(STATUSES))),
    )
    intro = paragraphs(
        "Onder de tabel staat per plaats elk cijfer, met wat de antwoorden geven."
    )
    return (
        '<section id="per-plaats">\n<h2>Per plaats in het rapport</h2>\n'
        + "\n".join([intro, table, *details])
        + "\n</section>"
    )


def _detail(title: str, rows: pd.DataFrame, published: dict[str, Published]) -> str:
    lines = []
    for _, line in rows.iterrows():
        row = published[line["id"]]
        what = describe_row(row)
        if row.source.lower() != title.lower():
            what += f" [{row.source}]"
        remark = " ".join(
            part
            for part in (line["reason_nl"], _sentence(line["other_figure"]))
            if part
        )
        lines.append(
            (
                what,
                published_text(row),
                computed_text(row, line),
                verdict_text(line),
                remark,
            )
        )
    table = html_table(
        ("Wat", "Gepubliceerd", "Nagerekend", "Oordeel", "Toelichting"),
        lines,
        numeric=(1, 2),
    )
    summary = f"{escape(title)}: {len(rows)} cijfers"
    return f"<details>\n<summary>{summary}</summary>\n{table}\n</details>"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
