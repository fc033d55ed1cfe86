"""Run the notebooks of a wave and make the pages that readers see."""

from swtlib.batch.index import write_index
from swtlib.batch.parameters import Parameter
from swtlib.batch.plan import Job, plan_runs
from swtlib.batch.report import JobResult, RunReport
from swtlib.batch.run import run_jobs
from swtlib.batch.whole import Stale, find_stale, run_wave

__all__ = [
    "Job",
    "JobResult",
    "Parameter",
    "RunReport",
    "Stale",
    "find_stale",
    "plan_runs",
    "run_jobs",
    "run_wave",
    "write_index",
]
