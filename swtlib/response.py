"""The response while the questionnaire is still open, per team."""

from pathlib import Path

import pandas as pd

from swtlib._wave_check import cells_by_item, choose_map
from swtlib._wave_facts import load_facts
from swtlib._wave_rules import choose_responses
from swtlib.codebook import TEAM_ITEM, load_codebook
from swtlib.errors import IngestError, ResponseError, WaveError
from swtlib.mapping import propose_mapping
from swtlib.project import wave_years
from swtlib.readers import read_export
from swtlib.readers._raw import name_lines

NOT_NAMED = "(no team named)"


def count_response(export: Path, year: int | None = None) -> pd.DataFrame:
    """Count who answered so far, and how many more a team needs to be shown.

    Parameters
    ----------
    export : Path
        File as downloaded while the questionnaire is open; only the question
        about the team must be in it.
    year : int, optional
        Year of the wave; by default the last one with a ``wave.toml``.

    Returns
    -------
    DataFrame
        One row per team of ``wave.toml``, and one for who broke off before
        naming a team, if any: ``team, invited, answered, broken_off, needed,
        note``. ``invited`` is NA where the number of members is not known.
        ``answered`` counts the responses that will count, ``needed`` how many
        more bring the team to ``min_cell_n`` of ``wave.toml``.

    Raises
    ------
    WaveError
        If there is no such wave.
    IngestError
        If the file cannot be read, or does not tell the team.
    """
    facts = load_facts(last_year() if year is None else year)
    raw = read_export(export)
    codebook = load_codebook()
    columns = codebook.columns(facts.year)
    mapping = propose_mapping(raw, codebook, facts.year, choose_map(facts))
    problems = list(mapping.problems)
    if TEAM_ITEM not in mapping.headings:
        problems.append(
            f"{export.name}: no column says which team an answer is of. See what was "
            f"found with 'swt ingest {facts.year} {export.name} --dry-run'."
        )
    if problems:
        raise IngestError("\n".join(problems))
    cells, _ = cells_by_item(raw, mapping, columns, facts)
    items = {item.id: item for _, item in columns.values()}
    closed = [name for name, item in items.items() if item.response.kind != "text"]
    kept, _ = choose_responses(raw, cells, closed, facts)
    codes = (
        cells[TEAM_ITEM].str.strip().replace(dict(mapping.answers.get(TEAM_ITEM, {})))
    )
    found: dict[str, str | None] = {"": None}
    strange = []
    for code in codes[codes != ""].unique():
        try:
            found[code] = str(items[TEAM_ITEM].response.decode(code))
        except ResponseError:
            strange += codes.index[codes == code].tolist()
    teams = codes.map(found)
    strange += teams.index[teams.notna() & ~teams.isin(list(facts.members))].tolist()
    if strange:
        where = name_lines(pd.Index(sorted(strange), name=codes.index.name))
        raise IngestError(
            f"{export.name}, {where}: the team is not one of [members] in "
            f"{facts.place}. Correct the export, or say what it means under "
            f"[answers.{TEAM_ITEM}] in map.toml."
        )
    rows = []
    for team, invited in facts.members.items():
        own = teams == team
        answered = int((own & kept).sum())
        needed = max(0, facts.min_cell_n - answered)
        rows.append(
            {
                "team": team,
                "invited": invited,
                "answered": answered,
                "broken_off": int((own & ~raw.completed & ~kept).sum()),
                "needed": needed,
                "note": _note(invited, needed, facts.min_cell_n),
            }
        )
    unnamed = int((teams.isna() & ~raw.completed).sum())
    if unnamed:
        rows.append({"team": NOT_NAMED, "answered": 0, "broken_off": unnamed})
    frame = pd.DataFrame(
        rows, columns=["team", "invited", "answered", "broken_off", "needed", "note"]
    )
    return frame.astype({"invited": "Int64", "needed": "Int64", "note": "str"})


def _note(invited: int | None, needed: int, least: int) -> str:
    if needed == 0:
        return "can be shown"
    if invited is not None and invited < least:
        return f"cannot be shown: {invited} members"
    return ""


def last_year() -> int:
    """Find the last wave with a ``wave.toml``, made-up ones only if there is no other.

    Returns
    -------
    int

    Raises
    ------
    WaveError
        If there is none.
    """
    years = wave_years()
    if not years:
        raise WaveError(
            "There is no wave yet: no data/raw/<year>/wave.toml. 'swt start YEAR' "
            "makes one."
        )
    held = [year for year in years if load_facts(year).origin != "simulation"]
    return max(held or years)
