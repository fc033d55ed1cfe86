"""Reads LimeSurvey's headings in every style a user can choose.

Question code (``werk[SQ001]``), ExpressionScript code (``werk_SQ001``), code and
text (``werk[SQ001]. Wat vind je ...``), full text, abbreviated text, and text
with underscores for spaces. Codes become the form ``werk[SQ001]``; a text
stays, without its HTML.
"""

import html
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

# What LimeSurvey writes about a response: code, then English and Dutch heading.
FIXED: Mapping[str, tuple[str, ...]] = {
    "id": ("Response ID", "Respons-id"),
    "submitdate": ("Date submitted", "Datum verzonden"),
    "lastpage": ("Last page", "Laatste pagina"),
    "startlanguage": ("Start language", "Begin taal"),
    "seed": ("Seed", "Plaats"),
    "startdate": ("Date started", "Startdatum"),
    "datestamp": ("Date last action", "Datum laatste actie"),
}
PERSONAL: Mapping[str, tuple[str, ...]] = {
    "token": ("Access code", "Toegangscode", "Token"),
    "ipaddr": ("IP address", "IP-adres", "IP"),
    "refurl": ("Referrer URL", "Verwijzende URL"),
    "firstname": ("First name", "Voornaam"),
    "lastname": ("Last name", "Achternaam"),
    "email": ("Email address", "Email", "E-mail", "E-mailadres"),
    "name": ("Name", "Naam"),
    "phone": ("Phone", "Phone number", "Telefoon", "Telefoonnummer"),
    "latitude": ("Latitude", "Breedtegraad"),
    "longitude": ("Longitude", "Lengtegraad"),
}
# A question may have these words as its text too: they count beside a fixed one.
EVERYDAY = ("seed", "startdate")
CLUES = ("lastpage", "startlanguage", "startdate", "datestamp")
CODE_AND_TEXT = re.compile(
    r"([A-Za-z][A-Za-z0-9_]*(?:\[[^\[\]]*\]){0,2})\.(?:[ _](.*))?", re.DOTALL
)
UNDERSCORED = re.compile(r"([A-Za-z][A-Za-z0-9]*)__?(.+)")
TIMING = re.compile(
    r"interviewtime|groupTime\d+|(?:Total time|Totale tijd)"
    r"|(?:Group time|Groepstijd|Question time|Vraagtijd)\b.*",
    re.DOTALL,
)
EXPRESSION_SCALES = ("0", "1")  # how ExpressionScript codes and VV count two scales


@dataclass(frozen=True, kw_only=True)
class Headings:
    """The columns of an export: unique names, and what is known of them.

    Parameters
    ----------
    names : list of str
        In the order of the file.
    wording : mapping of str to str
        Text of the question by name.
    about, personal : frozenset of str
        Names about the response itself, and of what identifies a person.
    repeated : list of str
        Codes that stand there more than once; a fault.
    """

    names: list[str]
    wording: Mapping[str, str] = field(default_factory=dict)
    about: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    repeated: list[str] = field(default_factory=list)


def read_headings(found: Sequence[str]) -> Headings | None:
    """Recognise the style of LimeSurvey's headings, and read them.

    Parameters
    ----------
    found : sequence of str
        The first line of the file.

    Returns
    -------
    Headings or None
        None if these are not LimeSurvey's.

    Examples
    --------
    >>> read_headings(["Respons-id", "Datum_verzonden", "Hoe_oud?"]).names
    ['id', 'submitdate', 'Hoe oud?']
    >>> read_headings(["id", "submitdate", "dubbel_SQ1_0", "dubbel_SQ1_1"]).names
    ['id', 'submitdate', 'dubbel[SQ1][1]', 'dubbel[SQ1][2]']
    >>> read_headings(["naam", "antwoord"])
    """
    styles: tuple[Callable[[Sequence[str]], Headings], ...] = (
        _read_codes,
        _read_codes_and_text,
        _read_text,
    )
    for read in styles:
        headings = read(found)
        clues = sum(name in headings.names for name in CLUES)
        if "submitdate" in headings.names or clues > 1:
            return headings
    return None


def code_names(
    names: Sequence[str],
    *,
    scales: tuple[str, str] = EXPRESSION_SCALES,
    candidates: Collection[str] | None = None,
) -> list[str]:
    """Write underscored codes as question codes: ``werk_SQ001``, ``werk[SQ001]``.

    A question code has no underscore of its own (LimeSurvey drops it), so the
    first one ends it. A last part that is one of two scales in all rows of a
    question marks a dual scale; SPSS and R syntax write that as ``#0, #1``.

    Parameters
    ----------
    names : sequence of str
        Codes; one without underscore stays as it is.
    scales : tuple of str, default ("0", "1")
        How the file counts the two scales; they become 1 and 2.
    candidates : collection of str, optional
        Names that may be of a dual scale; all by default.

    Returns
    -------
    list of str

    Examples
    --------
    >>> code_names(["werk_SQ001", "functie_other", "dubbel_SQ001#1", "team"])
    ['werk[SQ001]', 'functie[other]', 'dubbel[SQ001][2]', 'team']
    """
    known = {*FIXED, *PERSONAL}
    parts: list[tuple[str, str]] = []
    lasts: dict[str, set[str]] = {}
    for name in names:
        match = None if name in known else UNDERSCORED.fullmatch(name)
        question, rest = (match[1], match[2]) if match else (name, "")
        if match and _is_personal(name):
            question, rest = name, ""
        parts.append((question, rest))
        if rest:
            row, _, last = rest.rpartition("_")
            may_be = row and (candidates is None or name in candidates)
            lasts.setdefault(question, set()).add(last if may_be else "")
    written = []
    for question, rest in parts:
        row, mark, last = rest.rpartition("#")
        if not rest:
            written.append(question)
        elif mark and last in EXPRESSION_SCALES:
            written.append(f"{question}[{row}][{int(last) + 1}]")
        elif lasts[question] == set(scales):
            row, _, last = rest.rpartition("_")
            written.append(f"{question}[{row}][{scales.index(last) + 1}]")
        else:
            written.append(f"{question}[{rest}]")
    return written


def make_headings(names: Sequence[str], wording: Iterable[str | None] = ()) -> Headings:
    """Say of question codes which are about the response or a person.

    Parameters
    ----------
    names : sequence of str
        Codes in the form ``werk[SQ001]``.
    wording : iterable of str or None, optional
        Text of each, in the same order.

    Returns
    -------
    Headings
    """
    questions = {name.partition("[")[0] for name in names}
    about = {name for name in names if name in FIXED or TIMING.fullmatch(name)}
    about |= {
        name
        for name in names
        if name.endswith("Time") and name.removesuffix("Time") in questions
    }
    personal = {name for name in names if _is_personal(name)}
    texts = {
        name: text
        for name, text in zip(names, wording, strict=False)
        if text and name not in about
    }
    counts = Counter(names)
    return Headings(
        names=list(names),
        wording=texts,
        about=frozenset(about),
        personal=frozenset(personal - about),
        repeated=[name for name, n in counts.items() if n > 1],
    )


def clean_text(text: str, *, underscores: bool = False) -> str:
    """Take HTML and superfluous space out of a question text.

    Parameters
    ----------
    text : str
        As LimeSurvey writes it in a heading.
    underscores : bool, default False
        Whether they stand for spaces.

    Returns
    -------
    str

    Examples
    --------
    >>> clean_text("<p>Computers_&amp;_systemen</p>", underscores=True)
    'Computers & systemen'
    """
    bare = html.unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", text))
    if underscores:
        bare = bare.replace("_", " ")
    return " ".join(bare.split())


def _read_codes(found: Sequence[str]) -> Headings:
    names = [heading.strip() for heading in found]
    if not any("[" in name for name in names):
        names = code_names(names)
    return make_headings(names)


def _read_codes_and_text(found: Sequence[str]) -> Headings:
    names, texts = [], []
    spaced = any(" " in heading for heading in found)
    for heading in found:
        match = CODE_AND_TEXT.fullmatch(heading.strip())
        names.append(match[1] if match else heading.strip())
        text = (match[2] or "") if match else ""
        texts.append(clean_text(text, underscores=not spaced))
    if not any("[" in name for name in names):
        names = code_names(names)
    return make_headings(names, texts)


def _read_text(found: Sequence[str]) -> Headings:
    underscores = not any(" " in heading for heading in found)
    texts = [clean_text(heading, underscores=underscores) for heading in found]
    names: list[str] = []
    seen: Counter[str] = Counter()
    for place, text in enumerate(texts):
        name = _known_code(text, names) or text
        if name in EVERYDAY and (not place or names[place - 1] not in FIXED):
            name = text
        seen[name] += 1
        # Two questions may have one text: the second is told apart by its number.
        names.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    headings = make_headings(names, texts)
    return Headings(
        names=names,
        wording=headings.wording,
        about=headings.about,
        personal=headings.personal,
        repeated=headings.repeated,
    )


def _known_code(text: str, taken: Collection[str]) -> str:
    """Give the code of a fixed heading, also of an abbreviated one (``Datum ..``)."""
    start = text.casefold()
    cut = start.endswith("..")
    start = start.rstrip(". ") if cut else start
    for code, labels in {**FIXED, **PERSONAL}.items():
        for label in labels:
            known = label.casefold()
            same = known.startswith(start) if cut and len(start) > 4 else known == start
            if same and code not in taken:
                return code
    return ""


def _is_personal(name: str) -> bool:
    word = name.casefold()
    labels = {label.casefold() for row in PERSONAL.values() for label in row}
    return (
        word in PERSONAL
        or word in labels
        or re.fullmatch(r"attribute_\d+|participant_id", word) is not None
    )
