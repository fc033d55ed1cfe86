from .index import write_index
from .parameters import Parameter
from .plan import Job, plan_runs
from .report import JobResult, RunReport
from .run import run_jobs
from .whole import Stale, find_stale, run_wave

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
