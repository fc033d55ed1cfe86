"""The reconstruction in its place, and the outcome of the check for a reader."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from swtlib.codebook import load_codebook
from swtlib.errors import WaveError
from swtlib.limesurvey_export import write_export
from swtlib.project import outputs_dir, raw_dir, write_atomic
from swtlib.reproduction.check import YEAR, check_wave
from swtlib.reproduction.generate import generate_answers
from swtlib.reproduction.page import reproduction_page
from swtlib.wave import Wave, load_facts

#: Years of which a report with published figures is part of the workbench.
CHECKED_YEARS = (YEAR,)


@dataclass(frozen=True, kw_only=True)
class CheckOutcome:
    """What the check found, and the page that shows it."""

    result: pd.DataFrame
    page: Path

    @property
    def exit_code(self) -> int:
        """Give 0 if every attainable figure was reproduced, else 1."""
        return int((self.result["status"] == "failed").any())

    def summary(self) -> str:
        """Count the rows per verdict, and list what was not reproduced."""
        counts = self.result["status"].value_counts()
        named = {
            "reproduced": "reproduced",
            "contradicted": "contradicted by the report itself",
            "not_computable": "not computable from answers",
            "claim": "claims without a number",
            "failed": "attainable, but not reproduced",
        }
        lines = [f"{len(self.result)} published figures:"]
        lines += [f"  {counts.get(key, 0):4d}  {words}" for key, words in named.items()]
        failed = self.result[self.result["status"] == "failed"]
        lines += [
            f"  not reproduced: {row['id']} ({row['source']}): printed "
            f"{row['published']}, counted {row['computed']}"
            for _, row in failed.iterrows()
        ]
        lines.append(f"Page: {self.page}")
        return "\n".join(lines)


def check_report(wave: Wave) -> CheckOutcome:
    """Recount the published figures of a report, and write the page about it.

    Parameters
    ----------
    wave : Wave
        A wave of which a report was published.

    Returns
    -------
    CheckOutcome

    Raises
    ------
    WaveError
        If no published figures of that year are known.
    DisclosureError
        If the wave holds real answers: the page shows small groups.
    """
    from swtlib.batch.html import render_document

    result = check_wave(wave)
    body = reproduction_page(result, origin=wave.origin)
    page = render_document(
        title="Wat is er van het rapport na te rekenen?",
        body=body,
        kicker=f"Reproductie, meting {wave.year}",
        origin=wave.origin_line(),
        back="index.html",
    )
    path = write_atomic(outputs_dir(wave.year) / "reproductie.html", page)
    return CheckOutcome(result=result, page=path)


def write_reconstruction(*, seed: int = YEAR) -> Path:
    """Draw the reconstruction and put it where ingest finds it.

    Parameters
    ----------
    seed : int, default 2015
        Seed of the committed file. Another seed draws another set that
        reproduces the same figures.

    Returns
    -------
    Path
        The export.

    Raises
    ------
    WaveError
        If real answers stand there: they are not written over.
    """
    facts = load_facts(YEAR)
    if facts.origin == "fieldwork":
        raise WaveError(
            f'{facts.place} says origin = "fieldwork": {facts.export} holds real '
            "answers and is not written over. Draw the reconstruction in a project of "
            "its own."
        )
    path = raw_dir(YEAR) / facts.export
    answers, codebook = generate_answers(seed), load_codebook()
    return write_export(answers, codebook, path, seed=seed, year=YEAR)
