"""A respondent withdraws: the answers go, and what was made of them is named.

The number or token is used to find the response and kept nowhere: not in a
message, not in a file. What is kept is its keyed hash, so that a later
download of the same export does not bring the answers back.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from swtlib import project
from swtlib._open_review import REVIEW, SHOWN, one_line
from swtlib._wave_check import choose_map
from swtlib._wave_facts import WaveFacts, load_facts
from swtlib._withdrawn import add_withdrawn, choose_rows
from swtlib.codebook import load_codebook
from swtlib.errors import IngestError, SwtError, WaveError
from swtlib.mapping import propose_mapping
from swtlib.project import processed_dir, raw_dir, readable, write_atomic
from swtlib.pseudonyms import find_tokens, load_pseudonyms, name_responses
from swtlib.readers import RawExport, read_export
from swtlib.wave import KEPT, RESPONDENTS, ingest, load_wave

# One record of a CSV file: a line end within quotes does not end it.
_RECORD = re.compile(rb'[^"\n]*(?:"[^"]*"[^"\n]*)*(?:\n|\Z)')


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """What became of a withdrawal.

    Parameters
    ----------
    year : int
        The wave.
    n : int
        Responses that were taken out.
    exports : tuple of str
        Files below ``data/raw/<year>`` that still hold the response.
    cleaned : tuple of str
        Files it was deleted from.
    open_list : str
        A list of open answers made by hand that has an answer in the same
        words; empty if there is none.
    n_stale : int
        Pages that must be made again.
    released : str
        What was released before, with these answers in its counts; empty if
        nothing was.
    also_in : tuple of str
        Other years in which the same person answered.
    """

    year: int
    n: int
    exports: tuple[str, ...] = ()
    cleaned: tuple[str, ...] = ()
    open_list: str = ""
    n_stale: int = 0
    released: str = ""
    also_in: tuple[str, ...] = ()

    def summary(self) -> str:
        """Say what was done and what is left to do, one line each."""
        what = "response is" if self.n == 1 else "responses are"
        lines = [
            f"{self.n} {what} withdrawn from {self.year}: out of data/processed, and "
            "left out of every later ingest."
        ]
        if self.cleaned:
            lines.append(f"Deleted from {', '.join(self.cleaned)}.")
        if self.exports:
            lines.append(
                f"Still in {', '.join(self.exports)}: delete the row there (swt forget "
                "--from-export does so in a CSV file)."
            )
        if self.open_list:
            lines.append(
                f"{self.open_list} has an open answer in the same words: take it out."
            )
        if self.also_in:
            lines.append(
                f"The same person answered in {', '.join(self.also_in)}: give the "
                "command for those years too, if that is what was asked."
            )
        lines.append("Delete it in the survey tool as well, and in copies elsewhere.")
        if self.n_stale:
            lines.append(f"{self.n_stale} pages are stale: swt run --year {self.year}")
        if self.released:
            lines.append(self.released)
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """An export with the rows of one person in it."""

    path: Path
    raw: RawExport
    rows: npt.NDArray[np.bool_] = field(repr=False)


def forget(year: int, identity: str, *, from_export: bool = False) -> Withdrawal:
    """Take the answers of somebody who withdraws out of a wave.

    Parameters
    ----------
    year : int
        The wave.
    identity : str
        The number the survey tool gave the response, or the token.
    from_export : bool, default False
        Whether the row is deleted from the exports below ``data/raw/<year>``
        as well. Only CSV files are rewritten, and only if all other cells are
        found back unchanged.

    Returns
    -------
    Withdrawal

    Raises
    ------
    WaveError
        If there is no such wave or response, or one response has this number
        and another this token. Nothing was changed then.
    IngestError
        If the wave cannot be ingested without the response. The answers are
        gone from ``data/processed`` then, with those of everybody.
    """
    facts = load_facts(year)
    found = list(_find(facts, identity.strip()))
    if not found:
        raise WaveError(
            f"No response of {year} has this number or token. Nothing was changed. "
            "The number is the one in the column of response ids of the export."
        )
    names = load_pseudonyms(facts.origin)
    gone = {
        name
        for each in found
        for named in name_responses(choose_rows(each.raw, each.rows), year, names)
        for name in named
        if name
    }
    said = set().union(*(_said(each, facts) for each in found))
    add_withdrawn(facts, names, gone)
    cleaned = [each for each in found if from_export and _delete(each)]
    try:
        ingest(year)
    except SwtError as fault:
        for name in KEPT:
            (processed_dir(year) / name).unlink(missing_ok=True)
        raise IngestError(
            f"The response is withdrawn, and data/processed/{year} was removed, "
            f"because the rest cannot be ingested:\n{fault}"
        ) from None
    if (facts.folder / REVIEW).is_file():
        from swtlib.open_review import review_open_answers

        review_open_answers(year)
    return Withdrawal(
        year=year,
        n=max(int(each.rows.sum()) for each in found),
        exports=tuple(each.path.name for each in found if each not in cleaned),
        cleaned=tuple(each.path.name for each in cleaned),
        open_list=_by_hand(year, said),
        n_stale=_count_stale(year),
        released=_released(year),
        also_in=tuple(_other_years(year, gone)),
    )


def _find(facts: WaveFacts, identity: str) -> Iterator[_Found]:
    """Look in the export and in the copies that stood there before."""
    export = raw_dir(facts.year) / facts.export
    older = raw_dir(facts.year).glob(f"{export.stem}-????????{export.suffix}")
    for path in [export, *sorted(older)]:
        raw = read_export(path)
        rows = (find_tokens(raw) == identity).to_numpy(dtype=bool, copy=True)
        if raw.response_id.name != "row":  # else it is only a place in this file
            numbered = (raw.response_id.str.strip() == identity).to_numpy(dtype=bool)
            if rows.any() and (numbered & ~rows).any():
                raise WaveError(
                    "One response has this number and another has this token, so it "
                    "is not certain whose answers they are. Give the other of the "
                    "two. Nothing was changed."
                )
            rows |= numbered
        if identity and rows.any():
            yield _Found(path=path, raw=raw, rows=rows)


def _said(found: _Found, facts: WaveFacts) -> set[str]:
    """Give the open answers of the rows that go."""
    codebook = load_codebook()
    mapping = propose_mapping(found.raw, codebook, facts.year, choose_map(facts))
    headings = [
        mapping.headings[item.id]
        for _, item in codebook.items()
        if item.response.kind == "text" and item.id in mapping.headings
    ]
    cells = found.raw.cells.loc[found.rows, headings].to_numpy().ravel()
    return {one_line(cell).casefold() for cell in cells} - {""}


def _by_hand(year: int, said: set[str]) -> str:
    wave = load_wave(year)
    name = wave.facts.open_answers
    if not said or name in ("", SHOWN):  # that one follows from the review
        return ""
    shown = {one_line(text).casefold() for text in wave.open_answers()["answer"]}
    return name if said & shown else ""


def _delete(found: _Found) -> bool:
    """Delete rows from a CSV file, if every other cell can be found back."""
    content = found.path.read_bytes()
    records = [match[0] for match in _RECORD.finditer(content) if match[0]]
    starts = np.cumsum([1, *(record.count(b"\n") for record in records[:-1])])
    labels = {int(label) for label in found.raw.cells.index[found.rows]}
    left = choose_rows(found.raw, ~found.rows).cells
    for numbers in (starts.tolist(), list(range(1, len(records) + 1))):
        kept = [r for at, r in zip(numbers, records, strict=True) if at not in labels]
        if len(records) - len(kept) == len(labels):
            with suppress(SwtError), tempfile.TemporaryDirectory() as folder:
                tried = Path(folder) / found.path.name
                write_atomic(tried, b"".join(kept), private=True)
                again = read_export(tried).cells
                if list(again.columns) == list(left.columns) and np.array_equal(
                    again.to_numpy(), left.to_numpy()
                ):
                    write_atomic(found.path, b"".join(kept), private=True)
                    return True
    return False


def _other_years(year: int, gone: set[str]) -> Iterator[str]:
    """Give the other years in which one of these persons answered."""
    for path in sorted(processed_dir(year).parent.glob(f"*/{RESPONDENTS}")):
        if path.parent.name != str(year):
            answers = pd.read_parquet(path)
            if "person" in answers and answers["person"].isin(gone).any():
                yield path.parent.name


def _count_stale(year: int) -> int:
    """Count the pages that are there and must be made again."""
    folder = project.outputs_dir(year)
    if not folder.is_dir():
        return 0
    from swtlib.batch import find_stale

    jobs = find_stale(year=year).reasons
    return sum((folder / job.team / f"{job.name}.html").is_file() for job in jobs)


def _released(year: int) -> str:
    """Name what was released with the answers in it."""
    from swtlib.release import FOLDER, LOG

    log_file = project.outputs_dir(year) / FOLDER / LOG
    if not log_file.is_file():
        return ""
    log = json.loads(log_file.read_text("utf-8"))
    zips = sorted(path.name for path in log_file.parent.glob("*.zip"))
    return (
        f"Released on {log['released'][:10]} with these answers in the counts: "
        f"{len(log['files'])} files, listed in {readable(log_file)}; sent as "
        f"{', '.join(zips)}. Release again and ask who has them to replace them."
    )
