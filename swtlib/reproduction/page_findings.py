"""'Wat een lezer van het rapport moet weten': the findings, in Dutch.

Figures are counted by `findings` and `columns` from the printed report; what
came from a search too long to repeat is quoted as such.
"""

import pandas as pd

from swtlib.codebook import load_codebook
from swtlib.reproduction.columns import (
    column_cells,
    column_n,
    count_fitting,
    least_n,
    possible_n,
)
from swtlib.reproduction.facts import dutch
from swtlib.reproduction.findings import (
    COMPLETE,
    BakenFit,
    baken_fits,
    count_team_totals,
    difference_fits,
    impossible_differences,
    total_readings,
)
from swtlib.reproduction.markup import definitions, html_table, paragraphs
from swtlib.reproduction.published import load_published, load_remarks, printed_values
from swtlib.reproduction.recount import ALL
from swtlib.reproduction.targets import load_choices
from swtlib.reproduction.wording import (
    computed_text,
    describe_row,
    name_item,
    published_text,
)

CENTRUM = "zwolle_centrum"
ONE_MISSING = ((65, 65), (66, 65), (65, 66))


def findings(result: pd.DataFrame) -> str:
    """Write what a reader of the report must know.

    Parameters
    ----------
    result : DataFrame
        From `swtlib.reproduction.check.check_wave`.

    Returns
    -------
    str
        One ``<section>`` of HTML.
    """
    parts = [
        '<section id="lezen">',
        "<h2>Wat een lezer van het rapport moet weten</h2>",
        _headings(),
        _bakens(),
        _totals(),
        _grades(),
        _contradictions(result),
        _reconstruction(result),
        "</section>",
    ]
    return "\n".join(parts)


def _headings() -> str:
    teams = load_codebook().teams
    mapping = load_choices()["headings"]["teams"]
    captions = {
        row.team: int(row.value)
        for row in load_published()
        if row.construct == "gd_current" and row.statistic == "n" and row.value
    }
    sizes = {
        row.team: int(row.value)
        for row in load_published()
        if row.source == "tabel 2" and row.statistic == "n" and row.value
    }
    n_cells = sum(len(cells) for cells in column_cells().values())
    fitting = sum(count_fitting(heading, n) for heading, n in captions.items())
    lines = [
        (
            teams[heading].label,
            str(captions[heading]),
            f"{count_fitting(heading, captions[heading])} van {len(cells)}",
            ", ".join(str(n) for n in possible_n()[heading]),
            str(column_n()[heading]),
            f"{teams[mapping[heading]].label} ({sizes[mapping[heading]]})",
        )
        for heading, cells in column_cells().items()
    ]
    table = html_table(
        (
            "Kop in het rapport",
            "N bij de figuur",
            "Cellen die dan kunnen",
            "Mogelijke aantallen (tot 20)",
            "Samen met de rest",
            "Past bij team (tabel 2)",
        ),
        lines,
        caption="Kolommen van tabel 4 en 11: wie er achter de cijfers kan zitten",
        numeric=(1, 4),
    )
    total = sum(column_n().values())
    text = paragraphs(
        "Een gemiddelde van n antwoorden van 0 tot en met 4, getoond van 0 tot 1, is "
        "altijd een veelvoud van 1 gedeeld door 4n. Twaalf gedrukte gemiddelden per "
        "kolom verraden daardoor hoeveel mensen erachter zitten. Met de N die bij "
        f"figuur 19 tot en met 24 staat, kunnen maar {fitting} van de {n_cells} cellen "
        "bestaan.",
    )
    certainty = definitions(
        [
            (
                "Zeker",
                f"De kolom met de kop {teams[CENTRUM].label} kan niet van "
                f"{captions[CENTRUM]} mensen zijn: er zijn er minstens "
                f"{least_n(CENTRUM)} nodig. Tabel 2 en het bijschrift noemen er "
                f"allebei {sizes[CENTRUM]}; dat en de kop kunnen dus niet samen "
                "kloppen.",
            ),
            (
                "Sterk",
                "Er is maar één stel aantallen, één per kolom, dat bij alle "
                f"{n_cells} cellen past en samen de gedrukte {total} geeft. Het zijn "
                "de teams van tabel 2, vijf keer met één persoon minder en één keer "
                "met iedereen. Wie de andere koppen letterlijk neemt, moet bij Oost "
                "en Zuid aannemen dat mensen stellingen oversloegen, en bij West "
                "ook, of dat de teamleider er meedeed.",
            ),
            (
                "Waarschijnlijk",
                "Die ene persoon is de teamleider, die deze stellingen niet kreeg. "
                "Welke kolom dan bij Zuid, West en Centrum hoort, rust op die aanname.",
            ),
            (
                "Niet uit te maken",
                "Of de koppen, de bijschriften of tabel 2 verkeerd gedrukt zijn.",
            ),
        ]
    )
    use = paragraphs(
        "Lees een cijfer uit tabel 4 of 11, en de tekst bij figuur 19 tot en met 24, "
        "dus niet als uitspraak over het team dat erboven staat. In deze werkbank "
        "staan de cijfers bij het team waar ze het best bij passen."
    )
    title = "De koppen boven tabel 4 en 11 horen niet bij hun kolommen"
    return f"<h3>{title}</h3>\n{text}\n{table}\n{certainty}\n{use}"


def _bakens() -> str:
    default, labels, rival = (baken_fits(d) for d in ("", "tabel_10", "rival"))
    searched = load_remarks()["searched"]
    wrong = [fit for fit in labels if not fit.fits]
    by_number = {fit.number: fit for fit in default}
    rivals = {fit.number: fit for fit in rival}
    printed = printed_values()
    divisions = f"{searched['divisions']:,}".replace(",", ".")
    text = paragraphs(
        "Het rapport nummert de bakens op twee manieren. De tekst volgt de volgorde "
        "van VWS: 2 is eigen kracht, 3 is direct er op af. De cijfers van tabel 6 "
        "passen bij de volgorde van de HAN-reflector in de bijlage: 2 is direct er "
        "op af, 3 is eigen kracht. Daarom heeft een baken hier alleen een naam.",
        f"De nummers die in tabel 10 bij de stellingen staan, geven {len(wrong)} van "
        f"de {len(labels)} cijfers van tabel 6 niet.",
    )
    table = html_table(
        (
            "Baken (nummer in tabel 6)",
            "Tabel 6",
            "Met de nummers van tabel 10",
            "Met de indeling van deze werkbank",
            "Stellingen",
        ),
        [
            (
                f"{fit.label} ({fit.number})",
                dutch(fit.published, 2),
                _mean(next(other for other in labels if other.number == fit.number)),
                _mean(fit),
                str(fit.n_items),
            )
            for fit in default
        ],
        caption="Gemiddelde van de stellingen per baken; * past niet bij tabel 6",
        numeric=(1, 2, 3, 4),
    )
    certainty = definitions(
        [
            (
                "Zeker",
                f"Met de gedrukte nummers komen {len(wrong)} van de {len(labels)} "
                "cijfers van tabel 6 niet uit, en baken 2 "
                f"({dutch(printed['t6_baken2'], 2)}) kan de stelling over de regie "
                f"bij zware problematiek ({dutch(printed['t10_regie_zwaar'], 2)}) "
                "niet bevatten, die naar de letter bij eigen kracht hoort. Dit geldt "
                "als een baken het gewone gemiddelde van zijn stellingen is en "
                "(bijna) iedereen ze invulde; het rapport zegt dat niet.",
            ),
            (
                "Sterk",
                f"{dutch(by_number[2].published, 2)} hoort bij direct er op af en "
                f"{dutch(by_number[3].published, 2)} bij eigen kracht. Ook een andere "
                "indeling die alle acht cijfers geeft, waarin de bakens 4 en 5 van "
                f"plaats wisselen, laat dat staan ({dutch(rivals[2].mean, 3)} en "
                f"{dutch(rivals[3].mean, 3)}). Volgens narekenen geven "
                f"{searched['orders_without']} van de {searched['orders']} volgordes "
                "van de bakens 2 tot en met 5 geen enkele indeling die ook naar "
                "inhoud past. De volgorde van VWS geeft er wel een paar, maar alleen "
                "als de regie bij lichte en bij zware problematiek in verschillende "
                "bakens komt.",
            ),
            (
                "Een oordeel",
                "Welke stelling naar inhoud bij welk baken past, de plaats van de "
                "bakens 4 en 5, en dat 'systematisch in kaart' in geen baken "
                "meetelt. De cijfers alleen beslissen dit niet: volgens narekenen "
                f"geven {divisions} indelingen alle acht gemiddelden "
                f"({searched['divisions_share']} van alle indelingen).",
            ),
        ]
    )
    use = paragraphs(
        "Klopt deze lezing, dan keert een conclusie van het rapport om: niet hoog op "
        "eigen kracht en laag op direct er op af, maar andersom. Dat juist de bakens "
        "over de individuele burger het hoogst scoren, verliest dan een van de twee "
        "cijfers waar het op rust."
    )
    title = "Twee nummeringen van de bakens, en een conclusie die omkeert"
    return f"<h3>{title}</h3>\n{text}\n{table}\n{certainty}\n{use}"


def _mean(fit: BakenFit) -> str:
    return dutch(fit.mean, 3) + ("" if fit.fits else " *")


def _totals() -> str:
    teams = load_codebook().teams
    readings = total_readings()
    headings = list(readings[0].means)
    names = [teams[h].label if h in teams else "Tot. gem." for h in headings]
    printed = {row.team: row for row in load_published() if row.item == "gd_cur_total"}
    lines = [
        (
            "gedrukt",
            *(dutch(printed[heading].value, 2) for heading in headings),
            "",
        )
    ]
    lines += [
        (
            reading.label,
            *(dutch(reading.means[heading], 3) for heading in headings),
            f"{reading.n_reproduced} van {len(headings)}",
        )
        for reading in readings
    ]
    same, rows = count_team_totals()
    sizes = sorted(column_n().values())
    table = html_table(
        ("Gemiddelde van", *names, "Past"),
        lines,
        caption="'Totaal gemiddelde' in tabel 11, zoals het geteld kan zijn (per kop)",
        numeric=tuple(range(1, len(headings) + 2)),
    )
    full, eight, _, turned = readings
    text = paragraphs(
        "'Totaal gemiddelde' onder de fasen van tabel 11 is niet het gemiddelde van "
        "die fasen. Het is het gemiddelde van twaalf gedrukte stellingen: de acht "
        "van tabel 11 en de vier over collega en teamleider uit tabel 4. Die vier "
        f"trekken het totaal op van {dutch(eight.means[ALL], 3)} naar "
        f"{dutch(full.means[ALL], 3)}.",
        "De stelling over subgroepen telt daarin mee alsof veel subgroepen gunstig "
        f"zijn. Omgekeerd gescoord kwam Elburg op {dutch(turned.means['elburg'], 2)} "
        f"in plaats van {dutch(printed['elburg'].value, 2)}.",
        "'Tot. gem.' is het gemiddelde van de zes teamgemiddelden, al afgerond en "
        f"elk even zwaar ({same} van de {rows} rijen): het team van {sizes[0]} telt "
        f"even zwaar als dat van {sizes[-1]}.",
    )
    title = "Totaal gemiddelde is geen totaal van de fasen"
    return f"<h3>{title}</h3>\n{text}\n{table}"


def _grades() -> str:
    keys = impossible_differences()
    printed = printed_values()
    n_all = sum(row.source == "tabel 9" for row in load_published())
    lines = []
    for key in keys:
        fitting = [
            f"{have} en {want}"
            for have, want in ONE_MISSING
            if difference_fits(key, n_have=have, n_want=want)
        ]
        lines.append(
            (
                name_item(f"comp_{key}_have").removesuffix(" (nu)"),
                dutch(printed[f"t8_{key}_cur"], 1),
                dutch(printed[f"t8_{key}_des"], 1),
                dutch(printed[f"t9_{key}"], 2),
                " of ".join(fitting),
            )
        )
    table = html_table(
        ("Competentie", "Nu", "Gewenst", "Verschil", "Kan wel met (nu en gewenst)"),
        lines,
        caption=f"Verschillen die {COMPLETE} volledige antwoorden niet geven",
        numeric=(1, 2, 3),
    )
    text = paragraphs(
        f"Bij {len(keys)} van de {n_all} competenties kan het verschil in tabel 9 "
        f"niet komen van {COMPLETE} mensen die beide cijfers gaven, zoals boven tabel "
        "8 staat. Eén persoon die iets openliet is steeds genoeg. Waarschijnlijk trekt "
        "tabel 9 twee gemiddelden van elkaar af, elk over wie dat cijfer gaf."
    )
    title = f"Tabel 9 kan niet met {COMPLETE} volledige antwoorden"
    return f"<h3>{title}</h3>\n{text}\n{table}"


def _contradictions(result: pd.DataFrame) -> str:
    published = {row.id: row for row in load_published()}
    lines = []
    for _, line in result[result["status"] == "contradicted"].iterrows():
        row = published[line["id"]]
        lines.append(
            (
                f"{describe_row(row)} [{row.source}]",
                published_text(row),
                computed_text(row, line),
                line["other_figure"],
                line["reason_nl"],
            )
        )
    table = html_table(
        ("Wat", "Gepubliceerd", "Nagerekend", "Ander cijfer", "Toelichting"),
        lines,
        caption=f"De {len(lines)} cijfers die het rapport zelf tegenspreekt",
        numeric=(1, 2),
    )
    misprints = html_table(
        ("Plaats", "Wat er staat"),
        [(note["source"], note["text"]) for note in load_remarks()["misprint"]],
        caption="Drukfouten en losse einden, volgens narekenen",
    )
    text = paragraphs(
        "Een tegenspraak zegt niet welk van de twee cijfers juist is. De reconstructie "
        "volgt het cijfer dat bij de meeste andere past."
    )
    return (
        "<h3>Andere "
        f"tegenspraken</h3>\n{text}\n{table}\n<details>\n<summary>Drukfouten en losse "
        f"einden</summary>\n{misprints}\n</details>"
    )


def _reconstruction(result: pd.DataFrame) -> str:
    decided = result["status"].isin(("reproduced", "contradicted", "failed"))
    text = paragraphs(
        "De antwoorden achter deze werkbank zijn verzonnen. Ze zijn zo getrokken dat "
        f"ze de gepubliceerde cijfers volgen; {int(decided.sum())} cijfers zijn eraan "
        "getoetst. Dat laat zien dat die cijfers samen kunnen bestaan, en niet meer "
        "dan dat.",
        "Er zijn zeer veel andere reeksen antwoorden die dezelfde cijfers "
        "geven. Wat niet gepubliceerd is, zoals samenhangen tussen vragen of de "
        "verdeling binnen een team, is hier een vrije keuze. Een uitkomst op zulke "
        "punten zegt niets over 2015.",
        "De reconstructie zegt niets over echte personen: geen enkele rij is van "
        "iemand die de vragenlijst invulde.",
    )
    return f"<h3>Wat een reconstructie is</h3>\n{text}"
