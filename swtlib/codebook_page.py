"""The codebook as a page to read: what was asked, of whom, on which scale."""

import html

from swtlib.codebook import Codebook, Instrument, Item, Scale

WORDING = {
    "full": "",
    "paraphrase": "omschrijving, niet de vraag zelf",
    "table_label": "alleen het label uit een tabel is bekend",
    "unknown": "bewoording onbekend",
}
ASPECT = {
    "current": "huidige situatie",
    "importance": "belang",
    "have": "ik beschik over",
    "want": "ik wil toewerken naar",
    "expectation": "verwachting",
    "attitude": "mening",
    "background": "achtergrond",
}


def codebook_page(codebook: Codebook) -> str:
    """Make a page of the whole codebook.

    Parameters
    ----------
    codebook : Codebook
        Loaded definitions.

    Returns
    -------
    str
        A whole HTML file in the look of the reports, in Dutch.
    """
    from swtlib.batch.html import render_document

    known = sum(not item.placeholder for _, item in codebook.items())
    total = sum(1 for _ in codebook.items())
    body = [
        f"<p>De vragenlijst telt {known} bekende vragen en {total - known} plaatsen "
        "waarvan niet bekend is wat er precies gevraagd werd. Bij elke vraag staat de "
        "kolom in de export, hoe men kan antwoorden, en waar de vraag vandaan komt. Is "
        "een vraag niet elk jaar gesteld, dan staan de jaren erbij.</p>"
    ]
    body += [_section(instrument) for instrument in codebook.instruments.values()]
    return render_document(title="Codeboek", body="\n".join(body), kicker="Vragenlijst")


def _section(instrument: Instrument) -> str:
    parts = [f"<h2>{html.escape(instrument.label)}</h2>"]
    facts = [f"Bron: {instrument.source} Versie {instrument.version}."]
    if instrument.eligibility.item:
        excluded = ", ".join(instrument.eligibility.excluded)
        facts.append(f"Niet gevraagd aan: {excluded}.")
    parts.append(f'<p class="small">{html.escape(" ".join(facts))}</p>')
    rows = "".join(_item_row(item) for item in instrument.items.values())
    parts.append(
        _table(("vraag", "naam", "kolom", "antwoorden", "gaat over", "bron"), rows)
    )
    if instrument.scales and any(len(s.items) > 1 for s in instrument.scales.values()):
        parts.append("<h3>Schalen</h3>")
        rows = "".join(_scale_row(scale) for scale in instrument.scales.values())
        parts.append(_table(("schaal", "naam", "items", "minstens beantwoord"), rows))
        counted = {i.id for s in instrument.scales.values() for i in s.items}
        left_out = [i.label for i in instrument.items.values() if i.id not in counted]
        if left_out:
            listed = html.escape(", ".join(left_out))
            parts.append(f'<p class="small">Gevraagd, niet meegeteld: {listed}.</p>')
    return "\n".join(parts)


def _item_row(item: Item) -> str:
    remark = (
        "niet bekend wat gevraagd is" if item.placeholder else WORDING[item.wording]
    )
    if item.years():
        asked = item.years().replace("until", "tot en met").replace("from", "vanaf")
        remark = f"{remark}; gevraagd: {asked}" if remark else f"gevraagd: {asked}"
    shown = html.escape(item.text or item.label)
    if remark:
        shown += f'<br><span class="small">{html.escape(remark)}</span>'
    labels = item.response.labels or tuple(c.label for c in item.response.choices)
    answers = item.response.allowed() if item.column else ""
    if labels and item.column:
        answers = f"{answers}: {'; '.join(labels)}"
    cells = (item.id, item.column or "", answers, ASPECT[item.aspect], item.source)
    rest = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{shown}</th>{rest}</tr>'


def _scale_row(scale: Scale) -> str:
    name = scale.label
    if scale.numbers:
        numbers = ", ".join(f"{k.upper()} {v}" for k, v in scale.numbers.items())
        name = f"{name} ({numbers})"
    items = ", ".join(item.label for item in scale.items)
    cells = (scale.id, items, f"{scale.min_valid} van {len(scale.items)}")
    rest = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{html.escape(name)}</th>{rest}</tr>'


def _table(headings: tuple[str, ...], rows: str) -> str:
    head = "".join(f'<th scope="col">{html.escape(h)}</th>' for h in headings)
    return (
        f'<div class="table-scroll wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
