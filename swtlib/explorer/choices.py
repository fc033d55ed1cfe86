"""What can be chosen after what has been chosen, and why something cannot."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from swtlib._wave_facts import ORIGINS
from swtlib.codebook import Instrument, Item
from swtlib.disclosure import MIN_DISTRIBUTION_N
from swtlib.explorer.session import Session
from swtlib.explorer.view import View
from swtlib.explorer.words import (
    MARKS,
    SHOWS,
    SPLITS,
    capital,
    group_label,
)
from swtlib.groups import ALL
from swtlib.project import wave_years

#: In the order in which they depend on each other.
FIELDS = (
    *("year", "instrument", "show", "since", "group", "only"),
    *("split", "team", "competence"),
)
FIRST = "first"  # no part of a view is called so: it becomes the first one
#: Why a choice is closed that would give somebody's answer away.
FOLLOWS = "dan is uit te rekenen wat enkele mensen hebben geantwoord"
PARTS = ("functie", "geslacht", "leeftijd", "ervaring")


@dataclass(frozen=True)
class Option:
    """Something to choose, or the reason why it cannot be chosen.

    Parameters
    ----------
    value : str or int
        What it is in the view.
    label : str
        Dutch, as the control shows it.
    why : str
        Dutch: why it is not to be chosen; empty if it is.
    """

    value: Any
    label: str
    why: str = ""


def options(session: Session, view: View, name: str) -> tuple[Option, ...]:
    """List what one part of a view can be, given the parts before it.

    Parameters
    ----------
    session : Session
        With the waves.
    view : View
        Settled as far as the parts before.
    name : str
        One of `FIELDS`.

    Returns
    -------
    tuple of Option
        Also those that cannot be chosen, with the reason. A part that does not
        matter in this view has one option.
    """
    return tuple(_FIND[name](session, view))


def choose(session: Session, view: View) -> tuple[View, dict[str, tuple[Option, ...]]]:
    """Change a view as little as needed to make it one that can be shown.

    Parameters
    ----------
    session : Session
        With the waves.
    view : View
        As chosen.

    Returns
    -------
    View
        A part that cannot be chosen has become the first one that can.
    dict of str to tuple of Option
        What every part of it can be.

    Examples
    --------
    >>> choose(Session(), View(year=2015, instrument="competenties"))[0].show
    'gap'
    """
    known = {}
    for name in FIELDS:
        known[name] = options(session, view, name)
        open_ = [option.value for option in known[name] if not option.why]
        if open_ and getattr(view, name) not in open_:
            view = replace(view, **{name: open_[0]})
    return view, known


def follow(view: View, changes: Mapping[str, Any]) -> View:
    """Change parts of a view, and let those that spoke of the old ones start anew.

    Parameters
    ----------
    view : View
        As it is.
    changes : mapping of str to value
        Parts of a view.

    Returns
    -------
    View
        Not settled yet: another subject begins with its first group.

    Examples
    --------
    >>> before = View(year=2015, instrument="bakens", only="bk_proactief")
    >>> follow(before, {"group": "bakens"}).only
    ''
    """
    anew = {"instrument": {"group": FIRST, "only": ""}, "group": {"only": ""}}
    for name in ("instrument", "group"):
        if name in changes:
            changes = {**anew[name], **changes}
    return replace(view, **changes)


def is_settled(session: Session, view: View) -> str:
    """Say why a view cannot be shown; empty if it can.

    Parameters
    ----------
    session : Session
        With the waves.
    view : View
        Any.

    Returns
    -------
    str
        Dutch, of the first part that does not fit.
    """
    for name in FIELDS:
        found = options(session, view, name)
        value = getattr(view, name)
        there = [option for option in found if option.value == value]
        if not there:
            known = ", ".join(str(o.value) for o in found if not o.why and o.value)
            told = f"Te kiezen is: {known}." if known else ""
            return f"{name} = {value!r} past hier niet. {told}".strip()
        if there[0].why:
            return f"{there[0].label}: {there[0].why}."
    return ""


def has_marks(instrument: Instrument) -> bool:
    """Say whether people gave two marks: what they have and what they want."""
    return {"have", "want"} <= {scale.group for scale in instrument.scales.values()}


def asked_items(session: Session, year: int, instrument: Instrument) -> list[Item]:
    """List the statements and marks that a wave asked."""
    return session.items(View(year=year, instrument=instrument.id))


def _years(session: Session, _: View) -> Iterable[Option]:
    for year in wave_years():
        origin = session.wave(year).origin
        told = "" if origin == "fieldwork" else f" ({ORIGINS[origin]})"
        yield Option(year, f"{year}{told}")


def _instruments(session: Session, view: View) -> Iterable[Option]:
    found = []
    for instrument in session.wave(view.year).codebook.instruments.values():
        measured = [
            item
            for item in instrument.answered_items()
            if item.response.kind in ("scale", "number") and item.aspect != "background"
        ]
        if measured:
            asked = asked_items(session, view.year, instrument)
            why = "" if asked else f"niet gevraagd in {view.year}"
            found.append(Option(instrument.id, instrument.label, why))
    # The bakens are what the survey is about.
    return sorted(found, key=lambda option: option.value != "bakens")


def _shows(session: Session, view: View) -> Iterable[Option]:
    instrument = _instrument(session, view)
    marks = has_marks(instrument)
    items = asked_items(session, view.year, instrument)
    worded = [item for item in items if item.response.kind == "scale"]
    n = len(session.seen(view.year).base.respondents)
    why = {
        "means": "de cijfers nu en gewenst staan altijd naast elkaar" if marks else "",
        "gap": "" if marks else "alleen bij de competenties: daar gaf men twee cijfers",
        "answers": "",
        "change": _why_no_change(session, view, instrument),
        "relation": "",
    }
    if not worded:
        why["answers"] = "een cijfer van 0 tot 10 heeft geen antwoorden in woorden"
    elif n < MIN_DISTRIBUTION_N:
        why["answers"] = f"te weinig antwoorden: minder dan {MIN_DISTRIBUTION_N}"
    book = session.wave(view.year).codebook.instruments
    both = [
        name in book and asked_items(session, view.year, book[name])
        for name in ("bakens", "competenties")
    ]
    if instrument.id != "bakens":
        why["relation"] = "alleen bij de bakens"
    elif not all(both):
        why["relation"] = f"de competenties zijn niet gevraagd in {view.year}"
    order = ("gap", "change", "means", "answers", "relation") if marks else SHOWS
    return [Option(show, SHOWS[show], why[show]) for show in order]


def _why_no_change(session: Session, view: View, instrument: Instrument) -> str:
    years = [year for year in wave_years() if year < view.year]
    if not years:
        return f"er is geen meting van voor {view.year}"
    for year in years:
        if any(_comparable(session, view, instrument, year)):
            return ""
    return "niets hiervan is eerder zo gevraagd dat het te vergelijken is"


def _comparable(
    session: Session, view: View, instrument: Instrument, since: int
) -> tuple[set[str], set[str]]:
    """Give the scales and the items that may be set beside an earlier wave."""
    seen = session.seen(view.year, since=since)
    scales = set(seen._comparable(since, "scale")) & set(instrument.scales)
    asked = {item.id for item in asked_items(session, view.year, instrument)}
    return scales, set(seen._comparable(since, "item")) & asked


def _sinces(session: Session, view: View) -> Iterable[Option]:
    if view.show != "change":
        return [Option(0, "niet van toepassing")]
    found = []
    for year in reversed(wave_years()):
        if year < view.year:
            some = any(_comparable(session, view, _instrument(session, view), year))
            why = "" if some else "niets is te vergelijken"
            found.append(Option(year, str(year), why))
    return found


def _groups(session: Session, view: View) -> Iterable[Option]:
    instrument = _instrument(session, view)
    if has_marks(instrument):
        if view.show == "change":
            return [Option(name, text) for name, text in MARKS.items()]
        return [Option("", "Alle competenties")]
    if view.show == "relation":
        return [Option("", "Alle stellingen en competenties")]
    names = list(dict.fromkeys(s.group for s in instrument.scales.values() if s.group))
    scales, items = set(instrument.scales), {"some"}
    if view.show == "change":
        scales, items = _comparable(session, view, instrument, view.since)
    found = []
    for name in names:
        some = any(s.id in scales for s in instrument.scales_of(group=name))
        why = "" if some else "bestaat in de jaren niet uit dezelfde stellingen"
        found.append(Option(name, group_label(name), why))
    why = "" if items else "geen stelling is te vergelijken"
    return [*found, Option("", "Alle stellingen los", why)]


def _onlys(session: Session, view: View) -> Iterable[Option]:
    instrument = _instrument(session, view)
    if has_marks(instrument) or view.show == "relation":
        return [Option("", "Alle competenties")]
    if view.group:
        scales = instrument.scales_of(group=view.group)
        told = "" if view.show == "change" else ", met stellingen"
        comparable = {scale.id for scale in scales}
        if view.show == "change":
            comparable = _comparable(session, view, instrument, view.since)[0]
        why = "niet te vergelijken met toen"
        return [
            Option("", "Alle naast elkaar"),
            *(
                Option(s.id, f"{s.label}{told}", "" if s.id in comparable else why)
                for s in scales
            ),
        ]
    items = session.items(replace(view, only=""))
    found = [Option("", "Alle stellingen")]
    known = {item.id for item in items}
    if view.show == "change":
        known = _comparable(session, view, instrument, view.since)[1]
    for item in items:
        why = "" if item.id in known else "niet te vergelijken met toen"
        found.append(Option(item.id, capital(item.label), why))
    return found


def _splits(session: Session, view: View) -> Iterable[Option]:
    why = dict.fromkeys(SPLITS, "")
    if view.show == "answers":
        told = "in een kleine groep is een balk één mens; kies ‘gemiddelden’"
        why |= dict.fromkeys(("teams", *PARTS, "cijfer"), told)
    elif view.show == "gap":
        told = "kies bij Team één team, of alle samen"
        why |= dict.fromkeys(("teams", *PARTS), told)
    elif view.show == "change":
        told = "groepen en jaren samen zouden te veel over mensen zeggen"
        why |= dict.fromkeys(PARTS, told)
    elif view.show == "relation":
        told = "er zijn te weinig antwoorden voor honderden vergelijkingen per groep"
        why |= dict.fromkeys(("teams", *PARTS), told)
    else:
        why |= {name: _why_no_cut(session, view, name) for name in PARTS}
    why["cijfer"] = why["cijfer"] or _why_no_mark(session, view)
    return [Option(name, SPLITS[name], why[name]) for name in SPLITS]


def _why_no_cut(session: Session, view: View, name: str) -> str:
    seen = session.seen(view.year)
    found = session.cut_sizes(view.year, _instrument(session, view))
    if name not in found:
        return f"niet bekend in {view.year}"
    sizes = found[name]
    if (sizes >= seen.min_n).sum() < 2:
        return f"er is maar één groep met {seen.min_n} of meer antwoorden"
    if session.has_split_plan(view.year, view.instrument):
        closed = session.closed_in_splits(view.year, _instrument(session, view))
        closed = closed[closed["split"] == name]
        names = set(session._names(view)[0])
        shut = closed[closed["variable"].isin(names)].groupby("group").size()
        open_ = [g for g in sizes.index if shut.get(g, 0) < len(names)]
        if len(open_) < 2:
            return FOLLOWS
    return ""


def _why_no_mark(session: Session, view: View) -> str:
    if view.show != "means" or view.instrument != "bakens":
        return "alleen bij gemiddelden op de stellingen van de bakens"
    book = session.wave(view.year).codebook.instruments
    if "competenties" not in book or not asked_items(
        session, view.year, book["competenties"]
    ):
        return f"de competenties zijn niet gevraagd in {view.year}"
    if view.group:
        return "kies dan eerst ‘Alle stellingen los’"
    return "" if session.open_marks(view.year) else FOLLOWS


def _teams(session: Session, view: View) -> Iterable[Option]:
    seen = session.seen(view.year)
    everybody = Option(ALL, capital(seen.labels[ALL]) + " samen")
    if view.split != "team" or view.show in ("answers", "relation"):
        return [everybody]
    found = [everybody]
    for team in seen.wave.teams:
        why = ""
        if session.seen(view.year, team).too_small:
            why = f"minder dan {seen.min_n} antwoorden"
        elif view.show == "change":
            since = session.seen(view.year, team, view.since)
            if not since.trend_of_team:
                why = f"minder dan {seen.min_n} antwoorden in {view.since}"
        found.append(Option(team, seen.labels[team], why))
    return found


def _competences(session: Session, view: View) -> Iterable[Option]:
    if view.split != "cijfer":
        return [Option("", "niet van toepassing")]
    marks = session.wave(view.year).codebook.instruments["competenties"]
    open_ = session.open_marks(view.year)
    found = []
    for scale in marks.scales_of(group="have"):
        name = scale.id.removesuffix("_have")
        found.append(Option(name, scale.label, "" if name in open_ else FOLLOWS))
    return found


def _instrument(session: Session, view: View) -> Instrument:
    return session.wave(view.year).codebook.instruments[view.instrument]


_FIND: dict[str, Callable[[Session, View], Iterable[Option]]] = {
    "year": _years,
    "instrument": _instruments,
    "show": _shows,
    "since": _sinces,
    "group": _groups,
    "only": _onlys,
    "split": _splits,
    "team": _teams,
    "competence": _competences,
}
