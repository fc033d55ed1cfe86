"""Columns known by name or content: who someone is, the end, the number."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from html import unescape

import pandas as pd

from swtlib.errors import IngestError
from swtlib.readers._raw import name_lines

TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
NOT_A_WORD = re.compile(r"[\W_]+")
# Dutch and English, as `plain_words` leaves them; a line is a subject.
PERSONAL_NAMES = frozenset(
    name
    for line in (
        "ip|ipaddr|ipaddress|ip address|ip adres|refurl",
        "email|e mail|emailaddress|email address|e mail address|emailadres",
        "e mailadres|e mail adres|mail|mailadres|recipientemail|recipient email",
        "name|naam|full name|volledige naam|voornaam|achternaam|roepnaam",
        "first name|firstname|last name|lastname|surname",
        "recipientlastname|recipientfirstname",
        "recipient last name|recipient first name",
        "latitude|longitude|locationlatitude|locationlongitude|locationaccuracy",
        "location latitude|location longitude|location accuracy",
        "breedtegraad|lengtegraad|coordinates|coordinaten|gps|lat|lon|lng",
        "token|access code|accesscode|toegangscode",
        "externalreference|externaldatareference|external reference",
        "external data reference|externe referentie|participant id|deelnemer id",
        "phone|phone number|telephone|telefoon|telefoonnummer|mobiel",
        "mobiel nummer|mobiele nummer|mobile|mobile number",
        "adres|address|straat|huisnummer|postcode|zip code|zipcode|woonplaats",
        "geboortedatum|date of birth|birthdate|bsn|burgerservicenummer",
        "personeelsnummer|employee id|employee number",
        "username|user name|gebruikersnaam",
    )
    for name in line.split("|")
)
# In a short heading one of these is enough: "geboortedatum (dd-mm-jjjj)".
PERSONAL_WORDS = frozenset(
    word
    for line in (
        "voornaam|achternaam|roepnaam|geboortenaam|geboortedatum|geboortedag|email",
        "emailadres|mailadres|telefoon|telefoonnummer|mobiel|gsm|huisnummer|postcode",
        "woonadres|personeelsnummer|medewerkersnummer|bsn|burgerservicenummer",
        "ipadres|handtekening|linkedin",
    )
    for word in line.split("|")
)
# What a name is of; "naam van het team" is another matter.
NAMED = re.compile(
    r"(?:volledige )?naam (?:van )?(?:medewerker|respondent|deelnemer|invuller|"
    r"collega|contactpersoon|professional)|(?:medewerkers?|personeels) ?(?:nummer|nr)|"
    r"e mail ?adres.*|.* e mail(?: ?adres)?|ip adres.*|.* ip adres"
)
FEW_WORDS = 4
ASKING = re.compile("wat|is|uw|je|jouw|mijn|het|de|what|s|your|my|the|a")
EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"
IP_ADDRESS = r"(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{1,4}"
PHONE = r"(?:\+31|0031|06)[\s-]*(?:\d[\s-]*){8,9}"
PERSONAL_CONTENT = re.compile(rf"\s*(?:{EMAIL}|{IP_ADDRESS}|{PHONE})\s*")

ID_NAMES = ("id", "responseid", "response id", "respons id", "respondent id")
END_NAMES = (
    "submitdate",
    "date submitted",
    "datum verzonden",
    "finished",
    "completed",
    "voltooid",
    "afgerond",
)
DATED = END_NAMES[:3]  # filled in when someone sent the answers in
YES = frozenset(("1", "true", "waar", "ja", "yes", "voltooid", "afgerond", "completed"))
NO = frozenset(("", "0", "false", "onwaar", "nee", "no"))
ABOUT_NAMES = frozenset(
    name
    for line in (
        "startdate|start date|startdatum|begintijd|tijdstempel|timestamp|starttijd",
        "enddate|end date|einddatum|eindtijd|recordeddate|recorded date",
        "datestamp|date last action|datum laatste actie|date started",
        "lastpage|last page|laatste pagina|startlanguage|start language|begin taal",
        "seed|status|progress|voortgang|distributionchannel|userlanguage",
        "duration in seconds|duur in seconden|interviewtime|total time",
        "responseset|nr",
    )
    for name in line.split("|")
)


def plain_words(text: str) -> str:
    """Reduce a text to what it says: no markup, signs, accents or case.

    Parameters
    ----------
    text : str
        As a survey tool writes it.

    Returns
    -------
    str

    Examples
    --------
    >>> plain_words("<b>Co&ouml;rdinatie</b> &amp; overleg [Mijn team]")
    'coordinatie overleg mijn team'
    """
    text = TAG.sub(" ", unescape(unescape(text)))
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return NOT_A_WORD.sub(" ", kept).strip()


def find_personal(
    cells: pd.DataFrame, wording: Mapping[str, str] | None = None
) -> frozenset[str]:
    """Find the columns that identify a person, by name or by content.

    Parameters
    ----------
    cells : DataFrame of str
        As in a `RawExport`.
    wording : mapping of str to str, optional
        Heading to the text of the question.

    Returns
    -------
    frozenset of str
        Headings. A column counts by its content when one of its cells is
        nothing but an e-mail address, IP address or mobile number.

    Examples
    --------
    >>> frame = pd.DataFrame({"Uw naam": ["x"], "Q1": ["a@b.nl"], "Q2": ["3"]})
    >>> sorted(find_personal(frame))
    ['Q1', 'Uw naam']
    """
    wording = wording or {}
    found = set()
    for heading in cells.columns:
        names = {_asked_for(heading), _asked_for(wording.get(heading, ""))}
        by_content = cells[heading].str.fullmatch(PERSONAL_CONTENT)
        if any(map(_names_a_person, names)) or bool(by_content.any()):
            found.add(str(heading))
    return frozenset(found)


def _names_a_person(words: str) -> bool:
    if words in PERSONAL_NAMES:
        return True
    few = words.split()
    return len(few) <= FEW_WORDS and (
        not PERSONAL_WORDS.isdisjoint(few) or NAMED.fullmatch(words) is not None
    )


def _asked_for(text: str) -> str:
    """Give a heading without the words of asking: "wat is uw naam" is "naam"."""
    return " ".join(
        word for word in plain_words(text).split() if not ASKING.fullmatch(word)
    )


def find_about(headings: Iterable[str]) -> frozenset[str]:
    """Find the columns about the response itself, by name."""
    known = ABOUT_NAMES | {*ID_NAMES, *END_NAMES}
    return frozenset(name for name in headings if plain_words(name) in known)


def find_ids(cells: pd.DataFrame) -> "pd.Series[str]":
    """Give the number of each response; without such a column, its row."""
    for heading in cells.columns:
        if plain_words(heading) in ID_NAMES:
            return cells[heading]
    return pd.Series(cells.index.astype(str), index=cells.index, name="row", dtype=str)


def find_completed(
    cells: pd.DataFrame, labels: Mapping[str, Mapping[str, str]], name: str
) -> "pd.Series[bool]":
    """Mark the responses that reached the end.

    Parameters
    ----------
    cells : DataFrame of str
        As in a `RawExport`.
    labels : mapping of str to mapping of str to str
        Labels of codes, where the file tells.
    name : str
        Name of the file, for the message.

    Returns
    -------
    Series of bool
        By a column such as ``submitdate`` or ``Finished``; all True when the
        file has none.

    Raises
    ------
    IngestError
        If a cell of that column says neither yes nor no.
    """
    for heading in cells.columns:
        plain = plain_words(heading)
        if plain in DATED:
            return cells[heading].str.strip() != ""
        if plain in END_NAMES:
            told = labels.get(heading, {})
            words = cells[heading].map(lambda cell, told=told: told.get(cell, cell))
            words = words.str.strip().str.casefold()
            odd = cells.index[~words.isin(YES | NO)]
            if len(odd):
                raise IngestError(
                    f"{name}, {name_lines(odd)}: column '{heading}' must say whether "
                    "the respondent reached the end: 1 or 0, true or false, ja or nee. "
                    "Correct these cells, or give the column another name."
                )
            return words.isin(YES)
    return pd.Series(True, index=cells.index)
