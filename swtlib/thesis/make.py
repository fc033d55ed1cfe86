"""Makes the project folder of a thesis, whole or not at all."""

import datetime
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from swtlib._codebook_model import FIRST_WAVE
from swtlib._simulation_recipe import RECIPE, read_draw
from swtlib.codebook import Codebook, load_codebook
from swtlib.errors import ParameterError
from swtlib.examples import EXAMPLES_DIR
from swtlib.project import PART
from swtlib.questionnaire import (
    FORMATS,
    build_questionnaire,
    load_texts,
    render_questionnaire,
)
from swtlib.simulation import simulate_export
from swtlib.thesis.wheel import build_wheel, wheel_name
from swtlib.wave import read_facts

TEMPLATE = Path(__file__).resolve().parent / "template"
QUESTIONS = EXAMPLES_DIR / "bewoners" / "codebook"
# Files that are put together: what to read first, the questions, and what is more.
COMPOSED: Mapping[str, tuple[Path, ...]] = {
    "codebook/achtergrond.toml": (
        TEMPLATE / "codebook" / "_achtergrond_kop.toml",
        QUESTIONS / "achtergrond.toml",
        TEMPLATE / "codebook" / "_achtergrond_extra.toml",
    ),
    "codebook/bewoners.toml": (
        TEMPLATE / "codebook" / "_bewoners_kop.toml",
        QUESTIONS / "bewoners.toml",
    ),
}
# Files that stand elsewhere in the project than in the template.
PLACES: Mapping[str, str] = {
    "wave.toml": "data/raw/{year}/wave.toml",
    RECIPE: f"data/raw/{{year}}/{RECIPE}",
    "gitignore": ".gitignore",
}
NAME = re.compile(r"[^\W_](?:[\w -]*\w)?")
MOST_SIGNS = 60  # in a name: Windows allows 260 in a whole path
YEARS = range(FIRST_WAVE, 2100)
# Names that Windows keeps for itself, in capitals or not.
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
WRITTEN = ("docx", "limesurvey")  # formats of the questionnaire


def make_thesis(
    name: str, *, folder: Path | None = None, year: int | None = None
) -> Path:
    """Make a project folder in which a student can start at once.

    Parameters
    ----------
    name : str
        Name of the project and of its folder: letters, digits, spaces, ``-``
        and ``_``.
    folder : Path, optional
        Where it comes; the working folder by default.
    year : int, optional
        Year of the survey; this year by default.

    Returns
    -------
    Path
        The project: a codebook of its own, made-up answers drawn from it, a
        notebook per step, the questionnaire, a checklist, what to read first,
        and swtlib itself as a wheel.

    Raises
    ------
    ParameterError
        If the name or year cannot be, the folder is not there, or the project
        is there already; in Dutch, as a student reads it. Nothing is made then.
    """
    name = _checked(name)
    year = datetime.date.today().year if year is None else year
    if year not in YEARS:
        raise ParameterError(
            f"Het jaar {year} kan niet: het moet van {YEARS[0]} tot en met "
            f"{YEARS[-1]} zijn. Geef het jaar waarin je mensen vraagt."
        )
    home = Path.cwd() if folder is None else folder
    if not home.is_dir():
        raise ParameterError(f"De map {home} is er niet. Maak hem eerst.")
    target = home / name
    if target.exists() or target.is_symlink():
        raise ParameterError(
            f"‘{name}’ bestaat al en blijft zoals het is. Kies een andere naam, of "
            "verplaats die map."
        )
    made = Path(tempfile.mkdtemp(dir=home, prefix=".", suffix=PART))
    try:
        made.chmod(0o755)  # mkdtemp makes a folder for its owner only
        _fill(made, name, year)
        made.rename(target)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return target


def _checked(name: str) -> str:
    """Give the name in one spelling; accents can be written in two ways."""
    name = unicodedata.normalize("NFC", name)
    if not NAME.fullmatch(name) or RESERVED.fullmatch(name) or len(name) > MOST_SIGNS:
        raise ParameterError(
            f"‘{name}’ kan niet op elke computer de naam van een map zijn. Gebruik "
            f"letters, cijfers, spaties, - en _, hoogstens {MOST_SIGNS}; begin en "
            'eindig met een letter of cijfer, zoals "Scriptie Wijk Noord".'
        )
    return name


def _fill(made: Path, name: str, year: int) -> None:
    """Write everything that is in a project."""
    filled = {
        "@NAAM@": name,
        "@JAAR@": str(year),
        "@STUDIE@": _study(name),
        "@WIEL@": wheel_name(),
    }
    for place, sources in _files(year):
        text = "\n".join(path.read_text("utf-8").strip("\n") for path in sources)
        for sign, value in filled.items():
            text = text.replace(sign, value)
        path = made / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", "utf-8")
    (made / wheel_name()).write_bytes(build_wheel())
    codebook = load_codebook(made / "codebook")
    _draw_answers(made / "data" / "raw" / str(year), codebook, year)
    _write_questionnaire(made, codebook, year)


def _files(year: int) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """Give every file of the project with what it is made of."""
    yield from COMPOSED.items()
    parts = {path for sources in COMPOSED.values() for path in sources}
    for path in sorted(TEMPLATE.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(TEMPLATE).parts)
        if path.is_file() and path not in parts and not hidden:
            place = path.relative_to(TEMPLATE).as_posix()
            yield PLACES.get(place, place).format(year=year), (path,)


def _draw_answers(raw: Path, codebook: Codebook, year: int) -> None:
    facts = read_facts(raw / "wave.toml", codebook.teams)
    draw = read_draw(raw / RECIPE, facts)
    simulate_export(
        codebook,
        raw / facts.export,
        year=year,
        respondents=draw.respondents,
        seed=draw.seed,
        broken_off=draw.broken_off,
    )


def _write_questionnaire(made: Path, codebook: Codebook, year: int) -> None:
    texts = load_texts(made / "codebook" / "questionnaire" / "texts.toml")
    questionnaire = build_questionnaire(codebook, texts, year=year)
    folder = made / "vragenlijst"
    folder.mkdir()
    for format in WRITTEN:
        path = folder / FORMATS[format].format(year=year)
        path.write_bytes(render_questionnaire(questionnaire, format))


def _study(name: str) -> str:
    """Make of a name an id for the file with effects.

    Examples
    --------
    >>> _study("Scriptie één: Wijk-Noord"), _study("项目")
    ('scriptie_een_wijk_noord', 'scriptie')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_") or "scriptie"
