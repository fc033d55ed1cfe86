"""Says in Dutch what is wrong with a project, for somebody who reads no English.

The messages of swtlib are English, with one form each. Those that a student meets
are listed here by that form; of any other the file and the kind of fault are named,
with the message itself for whoever helps.
"""

import errno
import os
import re
from collections.abc import Mapping
from pathlib import Path

_FILE = r"(?P<place>[^:]*)"
# A message by its form, in Dutch. Named parts are filled in; `place` is put in words.
FORMS: Mapping[str, str] = {
    # files that a person writes
    rf"{_FILE}: unknown key '(?P<key>[^']*)'\.": (
        "{place}: ‘{key}’ hoort hier niet. Kijk of het goed gespeld is."
    ),
    rf"{_FILE}: '(?P<key>[^']*)' is missing\. Add .*": (
        "{place}: de regel ‘{key} = …’ ontbreekt. Zet hem erbij."
    ),
    rf"{_FILE}: '(?P<key>[^']*)' must be (?P<kind>[^,]*), found (?P<value>.*)\.": (
        "{place}: bij ‘{key}’ staat {value}; er moet {kind} staan."
    ),
    rf"{_FILE}: '(?P<key>[^']*)' must be (?P<kind>[^,]*)\.": (
        "{place}: bij ‘{key}’ moet {kind} staan."
    ),
    rf"{_FILE}: (?P<key>\w+) = '(?P<value>[^']*)' is not known\.": (
        "{place}: bij ‘{key}’ staat ‘{value}’; dat kan niet."
    ),
    r"(?P<place>.*) is not in UTF-8\. .*": (
        "{place} is niet te lezen. Bewaar het opnieuw: in Kladblok Opslaan als, met "
        "Codering UTF-8."
    ),
    r"(?P<place>.*) is not valid TOML: .*\(at line (?P<line>\d+).*": (
        "{place}: op regel {line} of net daarboven klopt iets niet. Zoek een "
        "aanhalingsteken, haakje of komma die ontbreekt of te veel is."
    ),
    r"(?P<place>.*) is not valid TOML: .*": (
        "{place}: er klopt iets niet aan de vorm. Zoek een aanhalingsteken, haakje of "
        "komma die ontbreekt of te veel is."
    ),
    # the questionnaire
    r"(?P<folder>.*) has no teams\.toml: .*": (
        "teams.toml ontbreekt in de map codebook. Zet het terug: de wijken staan erin."
    ),
    rf"{_FILE}: (?P<n>\d+) labels do not fit the range\. .*": (
        "{place}: het aantal woorden bij ‘labels’ past niet bij ‘low’ en ‘high’. Zet "
        "er één woord voor elk antwoord, het laagste eerst."
    ),
    rf"{_FILE}: low = (?P<low>.*) is not below high = (?P<high>.*)\.": (
        "{place}: low = {low} moet lager zijn dan high = {high}."
    ),
    rf"{_FILE}: a choice needs 'choices'\.": (
        "{place}: bij een keuzevraag horen antwoorden. Zet er ‘choices = …’ bij."
    ),
    rf"{_FILE}: id = '(?P<value>[^']*)' must be the name of the file, '(?P<file>.*)'"
    r"\.": (
        "{place}: bij ‘id’ staat ‘{value}’; daar hoort de naam van het bestand: "
        "‘{file}’."
    ),
    rf"{_FILE}: item '(?P<item>[^']*)' stands there twice\. .*": (
        "{place}: de zin ‘{item}’ staat er twee keer. Geef een van beide een andere id."
    ),
    rf"{_FILE}: a question code is 1-20 letters and digits .*": (
        "{place}: een code heeft 1 tot 20 letters en cijfers, en geen andere tekens."
    ),
    rf"{_FILE}: its items do not share one answer range .*": (
        "{place}: de zinnen hebben niet dezelfde antwoorden. Zet alleen zinnen bij "
        "elkaar die op dezelfde manier beantwoord worden."
    ),
    rf"{_FILE}: min_valid = (?P<n>.*) must be 1 to (?P<high>\d+), .*": (
        "{place}: min_valid = {n} kan niet; neem 1 tot {high}, het aantal zinnen."
    ),
    rf"{_FILE}: this (?:scale )?id is taken\.(?: .*)?": (
        "{place}: deze id bestaat al. Bedenk een andere."
    ),
    rf"{_FILE}: a team id is also the name of a folder\. .*": (
        "{place}: gebruik voor de id van een wijk alleen kleine letters, cijfers en _."
    ),
    rf"{_FILE}: wording = 'full' needs 'text'\. .*": (
        '{place}: de zin zelf ontbreekt. Zet de regel ‘text = "…"’ erbij.'
    ),
    rf"{_FILE}: there is no item '(?P<item>[^']*)'\.": (
        "{place}: er is geen zin met de id ‘{item}’."
    ),
    rf"{_FILE}: '(?P<item>[^']*)' has no answer '(?P<value>[^']*)'\.": (
        "{place}: bij ‘{item}’ is ‘{value}’ geen antwoord."
    ),
    rf"{_FILE}: (?:scale )?'(?P<value>[^']*)' is also in (?P<file>[^ ]*)\. .*": (
        "{place}: ‘{value}’ staat ook in {file}. Geef een van beide een andere naam."
    ),
    rf"{_FILE}: '(?P<item>[^']*)' is asked in (?P<year>\w+) as well\. .*": (
        "{place}: ‘{item}’ wordt in {year} ook gevraagd. Zet er last_wave = … bij."
    ),
    r"the codebook has no item 'bg_wijkteam'\. .*": (
        "achtergrond.toml: de vraag ‘bg_wijkteam’ (de wijk) ontbreekt. Zet haar terug: "
        "zonder wijk valt er niets te tellen."
    ),
    r"the codebook asks nothing in (?P<year>\w+)\. .*": (
        "De vragenlijst heeft geen vragen voor {year}. Kijk naar first_wave en "
        "last_wave."
    ),
    r"the questionnaire of (?P<year>\w+) cannot be written:": (
        "De vragenlijst van {year} is zo niet te maken:"
    ),
    r"there is no questionnaire/texts\.toml: .*": (
        "codebook/questionnaire/texts.toml ontbreekt. Zet het terug: daarin staan het "
        "welkom en de uitleg over privacy."
    ),
    rf"{_FILE}: '(?P<key>[^']*)' is empty\. .*": (
        "{place}: ‘{key}’ is leeg. Vul het in."
    ),
    rf"{_FILE}: there is no question '(?P<item>[^']*)'\.": (
        "{place}: er is geen vraag ‘{item}’."
    ),
    rf"{_FILE}: it is not known what was asked\. .*": (
        '{place}: de woorden van de vraag ontbreken. Zet de regel ‘text = "…"’ erbij.'
    ),
    rf"{_FILE}: its wording is not known\. .*": (
        '{place}: de woorden van de vraag ontbreken. Zet de regel ‘text = "…"’ erbij.'
    ),
    rf"{_FILE}: the text holds a control character\. .*": (
        "{place}: in de tekst zit een onzichtbaar teken. Typ hem opnieuw."
    ),
    # the facts of the wave
    r"There is no wave (?P<year>\w+): .*": (
        "Er is geen meting {year}: data/raw/{year}/wave.toml ontbreekt. Kijk naar het "
        "jaar achter --year."
    ),
    rf"{_FILE}: year = (?P<year>\w+), but the folder is (?P<other>\d+)\.": (
        "{place}: er staat year = {year}, maar de map heet {other}. Maak ze gelijk."
    ),
    rf"{_FILE}: example = true goes with .*": (
        "{place}: haal de regel ‘example = true’ weg als de antwoorden echt zijn."
    ),
    rf"{_FILE}: origin = .*, but export = .* holds made-up answers\. .*": (
        "{place}: bij ‘export’ staat nog het bestand met verzonnen antwoorden. Zet "
        "daar de naam van je eigen bestand."
    ),
    rf"{_FILE}: min_cell_n = (?P<n>.*); it may be raised .*": (
        "{place}: min_cell_n = {n} is te laag: onder de vijf antwoorden is iemand te "
        "herkennen. Haal de regel weg."
    ),
    rf"{_FILE}: \[members\] is missing\. .*": (
        "{place}: het deel [members] ontbreekt. Zet er per wijk hoeveel bewoners je "
        'vroeg, of "onbekend".'
    ),
    rf"{_FILE}: \[members\] names a team '(?P<team>[^']*)' that teams\.toml .*": (
        "{place}: onder [members] staat ‘{team}’, maar teams.toml heeft die wijk niet."
    ),
    rf"{_FILE}: \[members\] (?P<team>\w+) = .* must be a number .*": (
        '{place}: zet achter ‘{team}’ een getal boven 0, of "onbekend".'
    ),
    # the answers
    r"(?P<place>[^:]*): there is no such file in (?P<folder>.*)/\. .*": (
        "{place} staat niet in de map {folder}. Kijk naar de naam, of naar ‘export’ in "
        "wave.toml."
    ),
    rf"{_FILE}: column '(?P<column>[^']*)' \((?P<label>.*)\) is missing.*": (
        "{place}: de vraag ‘{label}’ ({column}) ontbreekt in de antwoorden. Zijn ze "
        "nog verzonnen, typ dan: swt simulate en het jaar. Zijn ze echt, exporteer dan "
        "opnieuw met alle vragen."
    ),
    rf"{_FILE}: (?P<n>\d+) of the (?P<all>\d+) questions are not in the first line\. "
    ".*": (
        "{place}: {n} van de {all} vragen staan niet in de eerste regel. Exporteer "
        "opnieuw, met question code als kop. Zijn de antwoorden nog verzonnen, typ "
        "dan: swt simulate en het jaar."
    ),
    rf"{_FILE}: (?P<n>\d+) cells are no answer codes\. .*": (
        "{place}: {n} cellen zijn geen antwoordcodes. Exporteer opnieuw, met answer "
        "codes als antwoord."
    ),
    rf"{_FILE}: not one response was completed, .*": (
        "{place}: niemand vulde de lijst tot het eind in. Is dit het goede bestand?"
    ),
    r"(?P<place>[^:]*), column '(?P<column>.*)' \((?P<label>.*)\): (?P<value>.*) is "
    r"not allowed, only (?P<known>.*?)\. .*": (
        "{place}, vraag ‘{label}’: {value} kan niet, alleen {known}. Verbeter het in "
        "de enquête en exporteer opnieuw."
    ),
    r"(?P<n>\d+) completed responses have no team .*": (
        "Bij {n} antwoorden staat geen wijk. Maak die vraag verplicht in de enquête."
    ),
    r"team '(?P<team>[^']*)' has answers, but no line in \[members\] of "
    r"(?P<place>.*)\. .*": (
        "{place}: onder [members] ontbreekt ‘{team}’. Zet erachter hoeveel bewoners je "
        'daar vroeg, of "onbekend".'
    ),
    r"team '(?P<team>[^']*)' has (?P<n>\d+) completed responses, but (?P<all>\d+) "
    "members in (?P<place>.*)\\. .*": (
        "{place}: in ‘{team}’ zijn er {n} antwoorden, terwijl er {all} bewoners "
        "gevraagd zijn. Verbeter dat getal, of zoek antwoorden die er dubbel in staan."
    ),
    r"(?P<place>.*) is still of made-up answers .*": (
        "{place} zegt nog dat de antwoorden verzonnen zijn. Verander de regels waar "
        "AANPASSEN bij staat."
    ),
    rf"{_FILE}: the file is not UTF-8\. .*": (
        "{place}: dit bestand is in Excel bewaard. Haal het opnieuw uit de enquête, en "
        "open het niet eerst in Excel."
    ),
    rf"{_FILE}: column '(?P<column>[^']*)' is missing from the first line\. .*": (
        "{place}: de kolom ‘{column}’ ontbreekt. Exporteer opnieuw met alle kolommen, "
        "en question code als kop."
    ),
    rf"{_FILE}: column '(?P<column>[^']*)' stands there twice\. .*": (
        "{place}: de kolom ‘{column}’ staat er twee keer. Haal er een weg, of "
        "exporteer opnieuw."
    ),
    rf"{_FILE}: column (?P<n>\d+) has (?:answers, but )?no heading\. .*": (
        "{place}: kolom {n} heeft geen naam op de eerste regel. Zet die erbij, of "
        "exporteer opnieuw."
    ),
    rf"{_FILE}: column '(?P<column>[^']*)' has the same value (?P<n>\d+) times; .*": (
        "{place}: bij ‘{column}’ staat {n} keer hetzelfde nummer. Haal de dubbele "
        "regels weg en laat er één staan."
    ),
    rf"{_FILE}: column '(?P<column>[^']*)' is empty; .*": (
        "{place}: ‘{column}’ is leeg. Haal die regels weg, of haal het bestand opnieuw "
        "uit de enquête."
    ),
    rf"{_FILE}: column 'id' must be the number of a response\. .*": (
        "{place}: bij ‘id’ hoort een nummer. Is het een opmerking of een optelling, "
        "haal die regel dan weg."
    ),
    rf"{_FILE}: there are (?:no responses in it|headings, but no responses)\..*": (
        "{place}: er staan geen antwoorden in. Exporteer opnieuw, met alle antwoorden."
    ),
    rf"{_FILE}: several sheets hold something \((?P<names>.*)\)\. .*": (
        "{place}: er staat iets op meer dan één blad ({names}). Houd alleen het blad "
        "met de antwoorden."
    ),
    rf"{_FILE}: (?:no table was found|a heading is a number|\d+ of \d+ columns "
    r"have no heading).*": (
        "{place}: op de eerste regel hoort de naam van elke vraag, en niets anders. "
        "Exporteer opnieuw."
    ),
    r"… and (?P<n>\d+) more like these\.": "… en nog {n} van zulke regels.",
    rf"{_FILE}: .*[Dd]ownload (?:the file|it|both) again.*": (
        "{place}: dit bestand is leeg, beschadigd of veranderd. Haal het opnieuw uit "
        "de enquête, en open het niet eerst in Excel."
    ),
    rf"{_FILE}: this is (?:a|an|HTML|not text|the questionnaire)\b.*": (
        "{place}: met dit soort bestand gaat het niet. Exporteer opnieuw uit de "
        "enquête, als CSV, met question code als kop en answer codes als antwoord."
    ),
    r"Wave (?P<year>\w+) was ingested with another key .*": (
        "De antwoorden van {year} zijn op een andere computer ingelezen. Haal de map "
        "data/processed weg en probeer het opnieuw."
    ),
    # the project and its notebooks
    r"No project found in .*": (
        "Dit is geen map van een project. Open het zwarte venster in de map waar "
        "LEESMIJ.md staat, en typ de opdracht daar."
    ),
    r"SWT_PROJECT is (?P<folder>.*), but it has no folder data/raw\.": (
        "De map {folder} (SWT_PROJECT) is geen map van een project."
    ),
    r".* has no data/raw/YEAR/wave\.toml, .*": (
        "Hier is geen meting: in data/raw staat geen map met wave.toml. Ga naar de map "
        "van je project."
    ),
    r"another run is going on in (?P<folder>.*)\. .*": (
        "Er wordt al aan de pagina's gewerkt. Wacht tot dat klaar is en probeer het "
        "opnieuw."
    ),
    r"(?P<place>.*\.ipynb) is in the batch but its metadata have no title: .*": (
        "{place}: dit notebook heeft geen titel voor de pagina's. Begin opnieuw met "
        "een kopie van een notebook dat werkt."
    ),
    r"No notebook says in its metadata that it belongs to the batch .*": (
        "In de map notebooks staat geen enkel notebook van dit project. Zet ze terug."
    ),
    r"(?P<place>.*) cannot be read as a notebook: .*": (
        "{place} is beschadigd. Zet een eerdere versie terug."
    ),
    r"(?P<place>.*) is not a notebook\.": (
        "{place} is geen notebook. Haal het uit de map notebooks."
    ),
    r"(?P<place>.*) has (?:\d+|no) cells tagged 'parameters'; .*": (
        "{place}: de cel met instellingen ontbreekt of staat er twee keer. Zet haar "
        "terug zoals ze was."
    ),
    r"(?P<place>.*): line (?P<line>\d+) of the parameters cell is not .*": (
        "{place}: regel {line} van de cel met instellingen klopt niet. Schrijf haar "
        'zoals de andere: naam: str = "waarde".'
    ),
    r"(?P<place>.*) has no parameter '(?P<key>[^']*)'\.": (
        "{place}: de instelling ‘{key}’ ontbreekt in de cel met instellingen."
    ),
    r"there is no choice question '(?P<item>[^']*)' to make groups with\.": (
        "er is geen keuzevraag ‘{item}’ om groepen mee te maken."
    ),
    r"'(?P<item>[^']*)' has no answer '(?P<value>[^']*)'\.": (
        "de vraag ‘{item}’ heeft geen antwoord ‘{value}’."
    ),
    r"[Tt]here is no instrument '(?P<item>[^']*)'\.": (
        "er is geen vragenlijst ‘{item}’."
    ),
    r"(?P<file>\w+)\.toml has no scale group '(?P<value>[^']*)'\.": (
        "{file}.toml heeft geen groep onderwerpen ‘{value}’."
    ),
    r"wave (?P<year>\w+) has no team '(?P<team>[^']*)'\.": (
        "de meting van {year} heeft geen wijk ‘{team}’."
    ),
    r".*\.ipynb says new_run\(.*Make it (?P<right>.*)\.": (
        "zet bovenaan de naam van dit notebook zelf: {right}."
    ),
    r"the (?:cell|notebook) took longer than .*": (
        "dit duurde te lang en is gestopt. Sluit andere programma's en probeer het "
        "opnieuw."
    ),
    r"(?:the kernel died|the process that ran it was killed).*": (
        "Python is onverwacht gestopt, meestal door te weinig geheugen. Sluit andere "
        "programma's en probeer het opnieuw."
    ),
    # Python itself, in a cell that somebody changed
    r"name '(?P<name>[^']*)' is not defined.*": (
        "‘{name}’ bestaat niet. Is het goed gespeld, of hoort er een aanhalingsteken "
        "omheen?"
    ),
    r"No module named '(?P<name>[^']*)'.*": (
        "het pakket ‘{name}’ is niet geïnstalleerd. Haal die regel weg, of vraag hulp."
    ),
}
# Errors of Python by their name, where the words of the message say little.
PYTHON: Mapping[str, str] = {
    "SyntaxError": "in deze cel staat een tikfout. Zoek een haakje, komma of "
    "aanhalingsteken die ontbreekt of te veel is.",
    "IndentationError": "een regel begint met te veel of te weinig spaties.",
    "KeyError": "de naam {said} bestaat niet. Kijk of hij goed gespeld is.",
    "FileNotFoundError": "een bestand is er niet. Kijk naar de naam en de map.",
    "MemoryError": "er is te weinig geheugen. Sluit andere programma's en probeer het "
    "opnieuw.",
}
SYSTEM: Mapping[int, str] = {
    errno.EACCES: "er is geen toestemming om te schrijven of te lezen. Staat het nog "
    "open in Excel of Word, sluit het dan en probeer het opnieuw.",
    errno.EPERM: "er is geen toestemming om te schrijven of te lezen. Staat het nog "
    "open in Excel of Word, sluit het dan en probeer het opnieuw.",
    errno.ENOSPC: "de schijf is vol. Maak ruimte en probeer het opnieuw.",
    errno.EROFS: "op deze schijf mag niet geschreven worden. Zet het project in een "
    "eigen map.",
    errno.ENOENT: "dit bestand of deze map is er niet. Kijk naar de naam.",
    errno.ENAMETOOLONG: "de naam van de map is te lang. Zet het project op een kortere "
    "plek, zoals C:\\scriptie.",
}
KINDS: Mapping[str, str] = {
    "question": "vraag",
    "item": "zin",
    "scale": "onderwerp",
    "team": "wijk",
    "choice": "antwoord",
    "column": "kolom",
    "text in quotes": "tekst tussen aanhalingstekens",
    "a whole number": "een heel getal",
    "a number": "een getal",
    "true or false": "true of false",
    "a list of texts": "een rijtje teksten tussen rechte haken",
}
PLACES: Mapping[str, str] = {
    "line": "regel",
    "lines": "regels",
    "row": "rij",
    "rows": "rijen",
    "cell": "cel",
}
OTHERWISE = (
    "{place}hier klopt iets niet. Zet je laatste verandering terug en probeer het "
    "opnieuw. Lukt dat niet, laat deze regel dan aan de onderzoekers zien: “{said}”"
)
_CLOSE = re.compile(r" Did you mean '(?P<close>[^']*)'\?")
_KNOWN = re.compile(r" (?:There is|It has): (?P<known>[^.]*)\.$")
_ERROR = re.compile(r"(?P<name>[A-Z]\w*): (?P<said>.*)")


def in_dutch(fault: BaseException | str) -> str:
    """Say in Dutch what is wrong, and what to do.

    Parameters
    ----------
    fault : exception or str
        An error of swtlib or of the system, or the message of one.

    Returns
    -------
    str
        A line for each line of the message.

    Examples
    --------
    >>> in_dutch("bewoners.toml, scale 'regie': there is no item 'bw_be'. Did you "
    ...          "mean 'bw_bel'? There is: bw_bel, bw_huis.")
    'bewoners.toml, onderwerp ‘regie’: er is geen zin met de id ‘bw_be’. Bedoel je \
‘bw_bel’? Kies uit: bw_bel, bw_huis.'
    """
    if isinstance(fault, OSError) and fault.errno is not None:
        name = Path(str(fault.filename or "")).name
        return f"{name}: {_of_system(fault)}" if name else _capital(_of_system(fault))
    return "\n".join(_line(line) for line in str(fault).splitlines() if line.strip())


def _of_system(fault: OSError) -> str:
    """Say what the system refused."""
    known = SYSTEM.get(fault.errno or 0)
    return known or OTHERWISE.format(place="", said=fault.strerror or fault)


def _line(message: str) -> str:
    """Say one line in Dutch."""
    indent = message[: len(message) - len(message.lstrip())]
    said = message.strip()
    for code, told in SYSTEM.items():
        if said.endswith(os.strerror(code)):
            return indent + told
    error = _ERROR.fullmatch(said)
    name = ""
    if error and error["name"].endswith(("Error", "Exception", "Warning")):
        name, said = error.groups()
    if name in PYTHON:
        return indent + PYTHON[name].format(said=said)
    more = ""
    close, known = _CLOSE.search(said), _KNOWN.search(said)
    if close:
        more += f" Bedoel je ‘{close['close']}’?"
    if known:
        more += f" Kies uit: {known['known']}."
    bare = _CLOSE.sub("", _KNOWN.sub("", said))
    for form, told in FORMS.items():
        found = re.fullmatch(form, bare)
        if found:
            parts = {key: _words(key, part) for key, part in found.groupdict().items()}
            return indent + told.format(**parts) + more
    place = re.match(r"[^:]*\.(?:toml|csv|xlsx|ipynb)\b[^:]*(?=: )", said)
    where = f"{_place(place[0])}: " if place else ""
    return indent + OTHERWISE.format(place=where, said=message.strip())


def _words(key: str, part: str) -> str:
    """Put a part that is not a name in Dutch."""
    if key == "place":
        return _place(part)
    if part == "a text":  # an answer that is not repeated
        return "deze tekst"
    return KINDS.get(part, part) if key == "kind" else part


def _place(place: str) -> str:
    """Say where in a file, such as ``bewoners.toml, onderwerp 'regie'``."""
    for english, dutch in PLACES.items():
        place = re.sub(rf"\b{english} (?=\d)", f"{dutch} ", place)
    place = re.sub(r" and (\d+) more", r" en nog \1", place)
    return re.sub(
        r"\b(\w+) '([^']*)'",
        lambda found: f"{KINDS.get(found[1], found[1])} ‘{found[2]}’",
        place,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
