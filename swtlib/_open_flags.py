"""What in an open answer may give somebody away: flags for a person's eye.

These are patterns, not understanding. They find addresses and numbers well,
names that are written with a capital mostly, and a story that only one
colleague can tell not at all. A person reads every answer; flags say where to
look first.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from swtlib.codebook import Codebook
from swtlib.disclosure import MIN_CELL_N

LONG = 60  # words; a longer answer is known by its story or its style
ROLES = (
    "teamleider",
    "leidinggevende",
    "manager",
    "directeur",
    "directrice",
    "bestuurder",
    "voorzitter",
    "coördinator",
    "projectleider",
    "kwartiermaker",
    "procesregisseur",
    "wethouder",
    "burgemeester",
    "beleidsmedewerker",
    "secretaresse",
    "stagiair",
    "stagiaire",
    "huisarts",
    "gedragswetenschapper",
)
_BETWEEN = r"(?:(?:van|de|der|den|ten|ter|te|het|'t|in)\s+)*"
_CAPITAL = r"(?:IJ|[A-ZÀ-Þ])[a-zß-ÿ'’-]+"
_STREET = r"(?:straat|laan|weg|plein|singel|gracht|kade|dijk|steeg|hof|markt|pad)"
_MONTH = (
    r"(?:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|"
    r"november|december)"
)
_FEW = r"[\s\-./()]{0,3}"

# What must never be shown, also when a person said so by mistake.
_NEVER = (
    ("e-mailadres", r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+"),
    (
        "telefoonnummer",
        rf"(?<![\d.,])(?:\+\s?31|0031|0){_FEW}(?:\(0\){_FEW})?[1-9](?:{_FEW}\d){{8}}(?!\d)",
    ),
    ("rekeningnummer", r"\b[A-Z]{2}\d{2}\s?[A-Z]{4}(?:\s?\d){10}\b"),
)
_PATTERNS = (
    ("webadres", r"\b(?:https?://|www\.)\S+|\b[\w-]{2,}\.(?:nl|com|org|net|eu|info)\b"),
    ("account", r"(?<![\w.])@\w{2,}|\b(?:facebook|linkedin|instagram|twitter)\b"),
    ("postcode", r"\b[1-9]\d{3}\s?[A-Z]{2}\b|\b[1-9]\d{3}[a-z]{2}\b"),
    ("adres", rf"\b\w+{_STREET}\s+\d+\s?[a-zA-Z]?\b|\b[A-Z]\w+{_STREET}\b"),
    (
        "datum",
        rf"\b\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:\d{{4}}|\d{{2}})\b|\b\d{{1,2}} {_MONTH}\b",
    ),
    ("leeftijd", r"\b\d{2}[\s-]?jarige?\b|\b\d{2} jaar oud\b"),
    ("lang nummer", r"(?<!\d)\d(?:[ .-]?\d){5,}(?!\d)"),
    (
        "naam",
        rf"\b(?:[Mm]evrouw|[Mm]evr|[Mm]w|[Mm]eneer|[Dd]e heer|[Dd]hr|[Dd]rs?|[Pp]rof)"
        rf"\b\.?\s+{_BETWEEN}{_CAPITAL}",
    ),
    ("organisatie", rf"\b(?:[Ss]tichting|[Bb]ureau|[Vv]ereniging)\s+{_CAPITAL}"),
    ("naam", rf"\b{_CAPITAL}\s+{_BETWEEN}{_CAPITAL}"),
    (
        "over een persoon",
        r"\b(?:[Aa]ls|[Dd]e) enige\b|\bals (?:man|vrouw|moeder|vader|oudste|jongste)\b"
        r"|\b(?:zwanger|ziek|overspannen|burn-?out)\w*",
    ),
)
_NEVER_RE = [(what, re.compile(pattern)) for what, pattern in _NEVER]
_RE = [(what, re.compile(pattern)) for what, pattern in _PATTERNS]
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_STARTS = ".!?:;•*\n"  # after these a capital says nothing
_BSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


@dataclass(frozen=True)
class Flag:
    """Something in an answer to look at.

    Parameters
    ----------
    what : str
        In Dutch, such as ``"naam"``.
    found : str
        The part of the answer; for the review list only, never for a message.
    never : bool
        Whether the answer may not be shown while it is there.
    """

    what: str
    found: str
    never: bool = False


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of this survey: names of teams, roles, words that many used."""

    teams: tuple[str, ...]
    places: frozenset[str]
    roles: re.Pattern[str]
    common: frozenset[str]

    @classmethod
    def of(cls, codebook: Codebook, answers: Iterable[str]) -> "Known":
        """Gather it from the codebook and from all answers together."""
        full: set[str] = set()
        for team in codebook.teams.values():
            full |= {team.label, team.municipality, *team.also_known_as}
        parts = {word for name in full for word in _WORD.findall(name)}
        parts |= {part for word in parts for part in word.split("-")}
        labels = {
            choice.label
            for _, item in codebook.items()
            for choice in item.response.choices
            if item.id == "bg_functie"
        }
        roles = "|".join(re.escape(r) for r in sorted({*ROLES, *labels}, reverse=True))
        said = Counter(
            word for text in answers for word in set(_WORD.findall(text.casefold()))
        )
        return cls(
            teams=tuple(sorted(name for name in full if name)),
            places=frozenset(part for part in parts if len(part) > 3),
            roles=re.compile(
                rf"\b(?:de|het|onze|mijn|hun|als)\s+(?:\w+\s+)?(?:{roles})\b",
                re.IGNORECASE,
            ),
            common=frozenset(word for word, n in said.items() if n >= MIN_CELL_N),
        )


def find_flags(text: str, known: Known) -> list[Flag]:
    """Find what may give somebody away.

    Parameters
    ----------
    text : str
        An open answer.
    known : Known
        Of the survey. An abbreviation that MIN_CELL_N or more answers have is
        not flagged: it tells nobody apart.

    Returns
    -------
    list of Flag
        Each part once; empty says only that no pattern fits.

    Examples
    --------
    >>> from swtlib.codebook import load_codebook
    >>> known = Known.of(load_codebook(), [])
    >>> flags = find_flags("Vraag aan Petra, mail p.dejong@buurt.nl", known)
    >>> [(flag.what, flag.found) for flag in flags]
    [('e-mailadres', 'p.dejong@buurt.nl'), ('naam of organisatie', 'Petra')]
    """
    found = [*_always(text), *_patterns(text, known)]
    kept: list[Flag] = []
    for flag in found:
        if not any(flag.found in other.found for other in kept):
            kept.append(flag)
    return kept


def must_not_show(text: str) -> str:
    """Say what of a text may never be shown, such as "telefoonnummer"; else nothing.

    Examples
    --------
    >>> must_not_show("bel 06-12345678"), must_not_show("meer tijd")
    ('telefoonnummer', '')
    """
    return next((flag.what for flag in _always(text)), "")


def _always(text: str) -> Iterator[Flag]:
    for what, pattern in _NEVER_RE:
        for match in pattern.finditer(text):
            yield Flag(what, match[0].strip(), never=True)
    for match in re.finditer(r"(?<!\d)\d(?:[ .]?\d){8}(?!\d)", text):
        digits = [int(sign) for sign in match[0] if sign.isdigit()]
        total = sum(w * d for w, d in zip(_BSN_WEIGHTS, digits, strict=True))
        if total % 11 == 0 and any(digits):
            yield Flag("burgerservicenummer", match[0], never=True)


def _patterns(text: str, known: Known) -> Iterator[Flag]:
    folded = text.casefold()
    for name in known.teams:
        at = folded.find(name.casefold())
        if at >= 0:
            yield Flag("team of plaats", text[at : at + len(name)])
    for what, pattern in _RE:
        for match in pattern.finditer(text):
            yield Flag(what, match[0])
    for match in known.roles.finditer(text):
        yield Flag("rol: is dit er maar één?", match[0])
    yield from _capitals(text, known)
    if len(text.split()) > LONG:
        yield Flag("lang: te herkennen aan verhaal of stijl", "")


def _capitals(text: str, known: Known) -> Iterator[Flag]:
    """Flag words with a capital that do not begin a sentence."""
    for match in _WORD.finditer(text):
        word = match[0]
        before = text[: match.start()].rstrip(" \t\"'“‘(")
        first = not before or before[-1] in _STARTS
        if not word[0].isupper() or len(word) < 2:
            continue
        if word in known.places:
            yield Flag("team of plaats", word)
        elif word.isupper():
            if word.casefold() not in known.common:
                yield Flag("afkorting: een organisatie?", word)
        elif not first:
            yield Flag("naam of organisatie", word)
