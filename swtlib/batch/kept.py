"""What a run makes beside its notebook: kept aside, put in place when all is there.

While a notebook runs, its tables and figures go to a folder of its own. A run
that fails, is stopped or is killed halfway so changes none that stand there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from swtlib._ahead import WISHES, read_wishes
from swtlib.batch.inputs import hash_bytes
from swtlib.batch.plan import Job
from swtlib.errors import ParameterError
from swtlib.project import USED, write_together

OUTPUTS = "outputs"
NOTES = "used.txt"
NEEDED = "wishes"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What a notebook made and used.

    Parameters
    ----------
    files : mapping of str to bytes
        Tables and figures; the keys are paths in the folder of the team.
    used : tuple of str
        Instruments and surveys, as noted by `swtlib.project.note_use`.
    wishes : sequence of bytes
        What it had to work out, as written down by `swtlib._ahead`.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    used: tuple[str, ...] = ()
    wishes: Sequence[bytes] = ()


def keep_aside(folder: Path, *, wishes: bool) -> dict[str, str]:
    """Give the environment in which a run keeps its files in ``folder``.

    Parameters
    ----------
    folder : Path
        A folder of its own.
    wishes : bool
        Whether it writes down what it had to work out: if somebody reads that.

    Returns
    -------
    dict of str to str
    """
    kept = {"SWT_OUTPUTS": str(folder / OUTPUTS), USED: str(folder / NOTES)}
    return kept | ({WISHES: str(folder / NEEDED)} if wishes else {})


def take_kept(folder: Path, job: Job) -> Kept:
    """Read what a run kept aside.

    Parameters
    ----------
    folder : Path
        As for `keep_aside`.
    job : Job
        The run.

    Returns
    -------
    Kept

    Raises
    ------
    ParameterError
        If it made tables or figures for another team or year.
    """
    own = folder / OUTPUTS / str(job.year) / job.team
    found = sorted(path for path in (folder / OUTPUTS).rglob("*") if path.is_file())
    for path in found:
        if not path.is_relative_to(own):
            raise ParameterError(
                f"{job.name} made {path.relative_to(folder / OUTPUTS).as_posix()}, but "
                f"it ran for {job.team} in {job.year}. Give new_run the parameters "
                "team and year."
            )
    notes = folder / NOTES
    lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    return Kept(
        files={path.relative_to(own).as_posix(): path.read_bytes() for path in found},
        used=tuple(sorted(set(lines))),
        wishes=read_wishes(folder / NEEDED),
    )


def put_in_place(job: Job, files: Mapping[str, bytes]) -> dict[str, str]:
    """Put the files of a run where readers find them: all of them, or none.

    Parameters
    ----------
    job : Job
        The run.
    files : mapping of str to bytes
        By path in the folder of the team, in the order of writing.

    Returns
    -------
    dict of str to str
        Their fingerprints.
    """
    write_together({job.outputs / name: content for name, content in files.items()})
    return {name: hash_bytes(content) for name, content in files.items()}
