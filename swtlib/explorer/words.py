"""Dutch words of the verkenner: names of choices, titles, how to read a table."""

from swtlib._reading_words import joined
from swtlib._table_text import level_text
from swtlib._wave_facts import ORIGINS
from swtlib.explorer.session import Seen, Session, same_answers
from swtlib.explorer.view import View
from swtlib.groups import ALL

SHOWS = {
    "means": "Gemiddelden",
    "answers": "Antwoorden in woorden",
    "gap": "Cijfer nu en gewenst",
    "change": "Veranderd sinds een eerder jaar",
    "relation": "Verband met de competenties",
}
SPLITS = {
    "team": "Alle teams samen, of één team",
    "teams": "Alle teams naast elkaar",
    "functie": "Naar functie",
    "geslacht": "Naar geslacht",
    "leeftijd": "Naar leeftijd",
    "ervaring": "Naar werkervaring",
    "cijfer": "Hoog en laag cijfer op een competentie",
}
MARKS = {
    "have": "Het cijfer nu",
    "want": "Het gewenste cijfer",
    "gap": "De ontwikkelwens (gewenst min nu)",
}
GROUPS = {
    "bakens": "De acht bakens",
    "fasen": "Fasen van groepsontwikkeling",
    "belang_fasen": "Hoe belangrijk men elke fase vindt",
    "self_efficacy": "Hulp en advies vragen",
    "belang_self_efficacy": "Hoe belangrijk men hulp en advies vindt",
}
#: Which notebook has the notes that a reader of an instrument needs.
NOTEBOOKS = {
    "groepsdynamica": "dv1_samenwerking",
    "verwachtingen": "dv2_verwachtingen",
    "ervaringen": "dv2_verwachtingen",
    "actie_leren": "dv3_bakens",
    "bakens": "dv3_bakens",
    "competenties": "dv5_behoeften",
    "organisatie": "dv6_randvoorwaarden",
}
NO_TESTING = (
    "Dit is verkennen: wie lang genoeg zoekt, vindt altijd wel een verschil. Hier "
    "staan daarom geen toetsen. Is iets de moeite waard, bewaar het dan als notebook "
    "en bedenk vooraf wat u verwacht."
)


def capital(text: str) -> str:
    """Begin with a capital and leave the rest."""
    return text[:1].upper() + text[1:]


def group_label(name: str) -> str:
    """Name a scale group; one that is not known by its id."""
    return GROUPS.get(name, capital(name.replace("_", " ")))


def view_title(session: Session, view: View) -> str:
    """Say what is to be seen, of whom and when.

    Parameters
    ----------
    session : Session
        With the waves.
    view : View
        One that can be shown.

    Returns
    -------
    str
        Such as ``"De acht bakens per team, 2016"``.
    """
    seen = session.seen(view.year)
    instrument = seen.wave.codebook.instruments[view.instrument]
    what = instrument.label
    if view.only:
        what = seen.labels[view.only]
    elif view.group in MARKS:
        what = f"{MARKS[view.group].partition(' (')[0]} voor de competenties"
    elif view.group:
        what = group_label(view.group)
    years = str(view.year)
    if view.show == "gap":
        what = "Competenties: het cijfer nu en het gewenste cijfer"
    elif view.show == "relation":
        what = "Verschil op de stellingen tussen hoge en lage cijfers"
    elif view.show == "answers":
        what = f"Antwoorden: {what[:1].lower()}{what[1:]}" if not view.only else what
    elif view.show == "change":
        years = f"{session.seen(view.year, since=view.since).since} en {view.year}"
    who = f"alle {seen.wave.facts.words.short} samen"
    if view.split == "team" and view.team != ALL:
        who = seen.labels[view.team]
        if view.show != "gap":  # there the figure is of the team alone
            who += f" naast de {seen.labels['andere']}"
    elif view.split == "teams":
        who = f"per {seen.wave.facts.words.own.split()[-1]}"  # het team, de wijk
    elif view.split == "cijfer":
        who = f"bij een lager en een hoger cijfer voor ‘{seen.labels[view.competence]}’"
    elif view.split != "team":
        who = SPLITS[view.split][:1].lower() + SPLITS[view.split][1:]
    between = ", " if view.split == "team" else " "
    return f"{what}{between}{who} ({years})"


def reading_lines(session: Session, view: View) -> list[str]:
    """Say how to read the table: what the numbers are and how sure.

    Parameters
    ----------
    session, view
        As in `view_title`.

    Returns
    -------
    list of str
        Dutch sentences for under the table.
    """
    seen = session.seen(view.year, view.team)
    level, words = level_text(view.confidence), seen.wave.facts.words
    lines = []
    items = session.items(view)
    on_unit = all(item.response.kind == "scale" for item in items)
    if view.show in ("means", "change", "relation") and on_unit:
        lines.append("Stellingen zijn omgerekend: 0 is de laagste score, 1 de hoogste.")
    if view.show == "answers":
        lines.append(
            f"Tussen haakjes het {level}-betrouwbaarheidsinterval. Antwoorden worden "
            f"alleen over {seen.labels[ALL]} samen getoond: in één {words.group} is "
            "een balk een mens."
        )
        other = same_answers(items)[1]
        if other:
            names = joined([f"‘{item.label}’" for item in other])
            lines.append(
                f"Bij {names} waren andere antwoorden mogelijk. Kies die stelling bij "
                "‘Welke’ om haar te zien."
            )
        return lines
    if view.show == "relation":
        lines.append(
            "Per stelling: wie zichzelf voor een competentie een hoger cijfer gaf dan "
            "gemiddeld, naast wie een lager cijfer gaf. Van 308 vergelijkingen "
            "springen er door toeval altijd een paar uit; de pagina ‘competenties en "
            "bakens’ zegt welke daarna overblijven."
        )
        return lines
    lines.append(
        f"Tussen haakjes het {level}-betrouwbaarheidsinterval"
        + (" van het verschil." if view.show in ("gap", "change") else ".")
    )
    if view.show == "gap":
        lines.append("Alleen wie beide cijfers gaf, telt mee. Grootste wens bovenaan.")
    elif view.split in ("team", "teams"):
        lines.append(f"Dat houdt rekening met het aantal {words.members}.")
        if view.split == "teams" or seen.one_team:
            lines.append(
                f"De spreiding daarin is die binnen de {words.short} samen: van één "
                f"{words.group} met weinig antwoorden zou zij die verraden."
            )
    else:
        lines.append(
            "Hoeveel mensen er in zo’n groep hadden kunnen antwoorden is niet bekend; "
            "het interval van een groep is daarom aan de ruime kant."
        )
    if view.split == "cijfer":
        lines.append(
            "Lager en hoger: onder of boven het gemiddelde cijfer van iedereen."
        )
    return lines


def about_lines(session: Session, view: View) -> list[str]:
    """Say what must be known before a number is read: years, teams, origin.

    Parameters
    ----------
    session, view
        As in `view_title`.

    Returns
    -------
    list of str
        Dutch sentences, the most important one first.
    """
    seen = session.seen(view.year, view.team, view.since)
    lines = []
    if view.show == "change" and seen.since is not None:
        made_up = seen.invented_changes().html
        lines += [_plain(made_up)] if made_up else []
        lines += [*seen._about_waves(), *seen._warnings(seen.since)]
        lines += _not_compared(session, view)
    else:
        wave = seen.wave
        if wave.origin != "fieldwork":
            lines.append(
                f"Let op: dit zijn geen echte antwoorden ({ORIGINS[wave.origin]})."
            )
    return lines


def wave_notes(session: Session, view: View) -> list[str]:
    """Give the notes of the wave that belong to what is shown.

    Parameters
    ----------
    session, view
        As in `view_title`.

    Returns
    -------
    list of str
        As they stand in wave.toml.
    """
    notebook = NOTEBOOKS.get(view.instrument, "")
    if view.show == "relation" or view.split == "cijfer":
        notebook = "competenties_bakens"
    notes = session.wave(view.year).facts.notes
    return [note.text.strip() for note in notes if notebook in note.notebooks]


def _not_compared(session: Session, view: View) -> list[str]:
    from swtlib._reading_trend import dutch_reason

    seen = session.seen(view.year, since=view.since)
    if seen.since is None:
        return []
    diff = seen._diff(seen.since)
    instrument = seen.wave.codebook.instruments[view.instrument]
    kind = "scale" if view.group else "item"
    own = {*instrument.scales, *(item.id for item in session.items(view))}
    rows = diff[(diff["kind"] == kind) & diff["after"].isin(own)]
    lines = []
    for verdict, told in (
        ("with care", "Met voorzichtigheid te vergelijken"),
        ("not", "Niet vergeleken"),
    ):
        reasons = rows[rows["verdict"] == verdict].groupby("reason", sort=False)
        for reason, part in reasons:
            names = joined([f"‘{label}’" for label in part["label"]])
            lines.append(f"{told} ({dutch_reason(str(reason))}): {names}.")
    return lines


def seen_origin(seen: Seen, view: View) -> str:
    """Give the lines on origin of every wave in a view."""
    return seen.trend_origin if view.show == "change" else seen.origin


def _plain(text: str) -> str:
    import html
    import re

    return html.unescape(re.sub(r"<[^>]*>", "", text))
