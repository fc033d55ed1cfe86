"""A checked wave: its facts, its answers, and why some are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from swtlib._open_review import SHOWN
from swtlib._safe_cells import plain_cell
from swtlib._wave_facts import Origin, WaveFacts
from swtlib._wave_missing import tell_missing
from swtlib._wave_rules import DECLARED, LedgerEntry
from swtlib.codebook import Codebook, Instrument
from swtlib.errors import WaveError, did_you_mean
from swtlib.project import note_use


@dataclass(frozen=True, kw_only=True)
class Wave:
    """A checked measurement round, ready to be scored.

    Parameters
    ----------
    facts : WaveFacts
        Year, origin, team sizes, notes.
    respondents : DataFrame, shape (n_respondents, n_columns)
        ``respondent_id`` (a pseudonym), ``person`` if the export has tokens
        (the same in every year), ``team``, background and one column per item,
        NaN where not answered.
    n_responded : int
        Responses in the export, broken-off ones included, withdrawn ones not.
    ledger : tuple of LedgerEntry
        What was dropped, recoded or set aside.
    data_hash : str
        Fingerprint of the export, ``wave.toml``, ``map.toml`` and
        ``forgotten.toml``, and of the questionnaire if that is of its own.
    codebook : Codebook
        Definitions the answers were checked against.
    own_codebook : bool
        Whether that is a questionnaire of its own, not the yearly one.
    asked : set of str
        Ids of the instruments that were asked for so far.
    missing : DataFrame or Path, optional
        Why answers are missing, or the file that says so; `why_missing` reads
        it.
    """

    facts: WaveFacts
    respondents: pd.DataFrame
    n_responded: int
    ledger: tuple[LedgerEntry, ...]
    data_hash: str
    codebook: Codebook
    own_codebook: bool = False
    asked: set[str] = field(default_factory=set, repr=False, compare=False)
    missing: pd.DataFrame | Path | None = field(default=None, repr=False, compare=False)

    @property
    def year(self) -> int:
        """Year of the measurement."""
        return self.facts.year

    @property
    def origin(self) -> Origin:
        """Where the answers come from."""
        return self.facts.origin

    @property
    def n_dropped(self) -> int:
        """Responses that were left out, broken-off ones first of all."""
        return self.n_responded - len(self.respondents)

    @property
    def n_broken_off(self) -> int:
        """Responses that were left out because they did not reach the end."""
        return self.n_dropped - self.n_declared

    @property
    def n_declared(self) -> int:
        """Responses that were left out because wave.toml says so."""
        return sum(entry.n for entry in self.ledger if entry.what == DECLARED)

    @property
    def teams(self) -> tuple[str, ...]:
        """Ids of the teams of this wave, in codebook order."""
        return tuple(self.facts.members)

    @property
    def members(self) -> Mapping[str, int | None]:
        """Number of members of each team; None where it is not known."""
        return self.facts.members

    def origin_line(self) -> str:
        """Give the Dutch line on origin that belongs under every figure."""
        return self.facts.origin_line()

    def answers(self, instrument: Instrument, *, team: str = "alle") -> pd.DataFrame:
        """Give the answers to an instrument, of those who were asked it.

        Parameters
        ----------
        instrument : Instrument
            From the codebook.
        team : str, default "alle"
            A team id, or all teams.

        Returns
        -------
        DataFrame, shape (n_asked, 1 + n_items)
            ``team`` and one column per item. A NaN is an answer that was left
            open; who was not asked has no row. The index is that of
            ``respondents``, so that answers of one person to two instruments
            are not set beside those of another.

        Raises
        ------
        WaveError
            If there is no such team.
        """
        self.ask(instrument)
        asked = self.respondents[instrument.eligibility.asked(self.respondents)]
        if team != "alle":
            self.check_team(team)
            asked = asked[asked["team"] == team]
        items = [i.id for i in instrument.answered_items(self.year) if i.id in asked]
        columns = list(dict.fromkeys(["team", *items]))
        return asked[columns]

    def why_missing(self, items: Sequence[str]) -> pd.DataFrame:
        """Say of every answer whether it is there, and if not, why.

        Parameters
        ----------
        items : sequence of str
            Items with answers.

        Returns
        -------
        DataFrame of category, shape (n_respondents, n_items)
            ``"answered"``, ``"left open"``, ``"not applicable"`` (a code that
            the codebook has for it), ``"not asked"``, ``"not reached"`` (broke
            off before it) or ``"unknown"`` (broke off, and the file does not
            tell what was reached). The index is that of ``respondents``.

        Raises
        ------
        WaveError
            If an item has no answers in this wave, or the wave was made
            without an export.
        """
        for name in items:
            if name not in self.respondents or name in ("respondent_id", "person"):
                raise WaveError(
                    f"wave {self.year} has no answers to '{name}'."
                    + did_you_mean(name, [str(column) for column in self.respondents])
                )
        missing = self.missing
        if isinstance(missing, Path):
            missing = pd.read_parquet(missing) if missing.is_file() else None
        if missing is None:
            raise WaveError(
                f"wave {self.year} does not know why answers are missing. Ingest its "
                "export again."
            )
        return tell_missing(self.respondents, missing, items)

    def population(self, instrument: Instrument) -> dict[str, int | None]:
        """Count the members of each team who could have answered.

        Parameters
        ----------
        instrument : Instrument
            From the codebook; its eligibility counts.

        Returns
        -------
        dict of str to int or None
            Members less the respondents who were not asked (a teamleider is a
            member, but has no answer to give here).
        """
        self.ask(instrument)
        not_asked = ~instrument.eligibility.asked(self.respondents)
        left_out = self.respondents.loc[not_asked, "team"].value_counts()
        return {
            team: None if size is None else size - int(left_out.get(team, 0))
            for team, size in self.members.items()
        }

    def ask(self, instrument: Instrument) -> None:
        """Remember that an instrument was asked for."""
        self.asked.add(instrument.id)
        if not self.own_codebook:  # else the survey as a whole is noted
            note_use("instrument", instrument.id)

    def check_team(self, team: str) -> None:
        """Raise a WaveError if ``team`` is not a team of this wave."""
        if team != "alle" and team not in self.members:
            raise WaveError(
                f"wave {self.year} has no team '{team}'."
                + did_you_mean(team, ["alle", *self.members])
            )

    def open_answers(self) -> pd.DataFrame:
        """Give the reviewed open answers, by theme and tied to no respondent.

        Returns
        -------
        DataFrame
            Columns ``theme, answer``; empty if the wave has no reviewed list.

        Raises
        ------
        WaveError
            If the list that ``wave.toml`` names is not there, or not such a list.
        """
        name = self.facts.open_answers
        path = self.facts.folder / name
        if not name or (name == SHOWN and not path.is_file()):  # nothing reviewed yet
            return pd.DataFrame({"theme": [], "answer": []}, dtype=str)
        try:
            answers = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
        except (OSError, ValueError) as fault:
            raise WaveError(
                f"{self.facts.place}: open_answers = '{path.name}' cannot be read "
                f"({fault}). Save the list as CSV in UTF-8, beside wave.toml."
            ) from None
        for column in ("theme", "answer"):
            if column not in answers:
                raise WaveError(
                    f"{path.name}: column '{column}' is missing. The list has the "
                    "columns theme and answer, separated by a comma."
                )
        return answers[["theme", "answer"]].dropna().map(plain_cell)
