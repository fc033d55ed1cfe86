"""Starts the wave of a new year: the facts that no export holds."""

from pathlib import Path

from swtlib._wave_facts import UNKNOWN, load_facts
from swtlib.codebook import load_codebook
from swtlib.errors import ParameterError
from swtlib.project import raw_dir, wave_years, write_atomic

TEXT = """\
# Facts of the wave that no answer holds. Keys are explained in docs/data.md.
year      = {year}
title     = "Meting {year}"
origin    = "fieldwork"
export    = "results-survey{year}.csv"   # kept under this name by swt ingest
fieldwork = ""                           # such as "februari en maart {year}"

# Number of members of each team: with it, intervals are narrower and the response
# is known. A team that is not there this year: take out its line. A team that was
# split, merged or half replaced: add a [[team_change]].
[members]
{members}
"""


def start_wave(year: int) -> Path:
    """Write the ``wave.toml`` of a year that has none yet.

    Parameters
    ----------
    year : int
        Year of the measurement.

    Returns
    -------
    Path
        ``data/raw/<year>/wave.toml``: fieldwork, with the teams of the wave
        before it, else all of the codebook, and their sizes to be filled in.
        Nothing has to be: an export can be ingested as it stands.

    Raises
    ------
    ParameterError
        If there is one already, or the year is none.
    """
    if not 1900 < year < 2200:
        raise ParameterError(f"year = {year} is no year. Give one such as 2017.")
    path = raw_dir(year) / "wave.toml"
    if path.is_file():
        raise ParameterError(
            f"data/raw/{year}/wave.toml is there already. Change it in an editor."
        )
    teams = load_codebook().teams
    before = [known for known in wave_years() if known < year]
    names = load_facts(max(before)).members if before else teams
    width = max(map(len, names))
    members = "\n".join(f'{name:{width}} = "{UNKNOWN}"' for name in names)
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_atomic(path, TEXT.format(year=year, members=members))
