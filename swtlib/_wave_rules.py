"""Which responses of an export count: broken off, twice, too fast, a test.

Only who broke off is left out by itself. The others are counted in the ledger,
and left out when ``[drop]`` in wave.toml says so.
"""

from dataclasses import dataclass

import pandas as pd

from swtlib._wave_facts import WaveFacts
from swtlib.codebook import TEAM_ITEM
from swtlib.readers import RawExport
from swtlib.readers._columns import plain_words

KEYS_OF_PERSON = frozenset(
    (
        "token",
        "access code",
        "toegangscode",
        "email",
        "e mail",
        "emailaddress",
        "recipientemail",
        "externalreference",
        "externaldatareference",
    )
)
DURATIONS = ("interviewtime", "total time", "duration in seconds", "duur in seconden")
FAST = 1 / 3  # of the median time: too fast to have read the questions
MIN_TIMES = 10  # below this a median time says little
TEST_WORDS = frozenset(("test", "testen", "testje", "testing", "tests", "proef"))
DECLARED = "dropped by rule"
MIN_ALIKE = 10  # answers; two people can give the same few


@dataclass(frozen=True, kw_only=True)
class LedgerEntry:
    """One thing that ingest did to the answers, and why."""

    what: str
    where: str
    n: int
    reason: str


def choose_responses(
    raw: RawExport, items: pd.DataFrame, closed: list[str], facts: WaveFacts
) -> tuple["pd.Series[bool]", list[LedgerEntry]]:
    """Mark the responses that count, and write down the others.

    Parameters
    ----------
    raw : RawExport
        The export.
    items : DataFrame of str
        Its answers, a column per item id.
    closed : list of str
        Items that are not answered in words of one's own.
    facts : WaveFacts
        Of the wave; ``drop`` declares what is left out.

    Returns
    -------
    kept : Series of bool
        Responses that count.
    entries : list of LedgerEntry
        Counts by reason. What was found but not declared is "noticed".
    """
    kept, entries = _reached_the_end(raw, items, facts)
    for reason, n in raw.set_aside.items():
        entries.append(
            LedgerEntry(what="dropped", where="responses", n=n, reason=reason)
        )
    found = (
        ("tests", _tests(raw, closed, items), "an answer is 'test' and nothing else"),
        (
            "duplicates",
            _duplicates(raw, items, kept),
            "the same person, or the same answers everywhere; the last one counts",
        ),
        (
            "speeders",
            _speeders(raw, kept),
            "answered in less than a third of the median time",
        ),
    )
    for key, marked, reason in found:
        n = int((kept & marked).sum())
        dropped = bool(getattr(facts.drop, key))
        if n or dropped:
            advice = "" if dropped else f" ([drop] {key} = true leaves them out)"
            entries.append(
                LedgerEntry(
                    what=DECLARED if dropped else "noticed",
                    where="responses",
                    n=n,
                    reason=reason + advice,
                )
            )
        if dropped:
            kept = kept & ~marked
    return kept, entries


def _reached_the_end(
    raw: RawExport, items: pd.DataFrame, facts: WaveFacts
) -> tuple["pd.Series[bool]", list[LedgerEntry]]:
    """Leave out who broke off; if they count, who did not say their team."""
    kept, entries = raw.completed, []
    reason = "broken off: the respondent did not reach the end (no submitdate)"
    if raw.tool != "limesurvey":
        reason = "broken off: the respondent did not reach the end"
    if not facts.drop.broken_off:
        told = items[TEAM_ITEM] != "" if TEAM_ITEM in items else raw.completed
        extra = ~raw.completed & told
        kept = raw.completed | extra
        reason = "broken off before the team was named"
        entries.append(
            LedgerEntry(
                what="kept",
                where="responses",
                n=int(extra.sum()),
                reason="broken off, but [drop] broken_off = false in wave.toml",
            )
        )
    entries.insert(
        0,
        LedgerEntry(
            what="dropped", where="responses", n=int((~kept).sum()), reason=reason
        ),
    )
    return kept, entries


def _duplicates(
    raw: RawExport, items: pd.DataFrame, kept: "pd.Series[bool]"
) -> "pd.Series[bool]":
    """Mark all but the last response of one person, or with the same answers."""
    marked = pd.Series(False, index=raw.cells.index)
    for heading in raw.cells.columns:
        if plain_words(heading) in KEYS_OF_PERSON:
            key = raw.cells[heading].where(kept, "")
            marked |= key.duplicated(keep="last") & (key != "")
    answered = items[kept & ((items != "").sum(axis=1) >= MIN_ALIKE)]
    alike = answered.duplicated(keep="last")
    return marked | alike.reindex(raw.cells.index, fill_value=False)


def _speeders(raw: RawExport, kept: "pd.Series[bool]") -> "pd.Series[bool]":
    seconds = _seconds(raw)
    times = seconds[kept & (seconds > 0)]
    if len(times) < MIN_TIMES:
        return pd.Series(False, index=raw.cells.index)
    return (seconds > 0) & (seconds < FAST * times.median())


def _seconds(raw: RawExport) -> "pd.Series[float]":
    """Give the time each response took; NaN where the file does not tell."""
    names = {plain_words(heading): heading for heading in raw.cells.columns}
    for name in DURATIONS:
        if name in names:
            return pd.to_numeric(raw.cells[names[name]], errors="coerce")
    if {"startdate", "submitdate"} <= set(names):
        start, end = (
            pd.to_datetime(
                raw.cells[names[name]], errors="coerce", format="%Y-%m-%d %H:%M:%S"
            )
            for name in ("startdate", "submitdate")
        )
        return (end - start).dt.total_seconds()
    return pd.Series(float("nan"), index=raw.cells.index)


def _tests(raw: RawExport, closed: list[str], items: pd.DataFrame) -> "pd.Series[bool]":
    """Mark a response with "test" in an open answer or a column about itself."""
    known = set(items.columns)
    free = pd.concat(
        [
            items[[name for name in items if name not in closed]],
            raw.cells[[h for h in raw.personal if h in raw.cells and h not in known]],
        ],
        axis=1,
    )
    if free.empty:
        return pd.Series(False, index=raw.cells.index)
    hits = [
        free.iloc[:, column].str.strip().str.casefold().isin(TEST_WORDS)
        for column in range(free.shape[1])
    ]
    return pd.concat(hits, axis=1).any(axis=1)
