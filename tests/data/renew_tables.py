"""Renew the stored result tables after a change that is meant to move numbers.

Run by hand, look at the difference in git, and name the tables in CHANGELOG.md::

    uv run python tests/data/renew_tables.py
"""

import os
import shutil
import tempfile
from pathlib import Path

from swtlib.batch import run_wave

HERE = Path(__file__).parent
# Year, teams, and where their tables are kept: all of the first wave, and of the
# later one what compares it with the first.
KEPT = (
    (2015, ("alle", "elburg"), None, HERE / "tables"),
    (2016, ("zwolle_west", "wezep_oldebroek"), ["trend"], HERE / "tables_2016"),
)


def main() -> None:
    """Run the notebooks for some teams and keep their tables."""
    for year, teams, notebooks, kept in KEPT:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["SWT_OUTPUTS"] = folder
            report = run_wave(year=year, teams=teams, notebooks=notebooks)
            print(report.summary())
            if report.exit_code:
                raise SystemExit(report.exit_code)
            for team in teams:
                shutil.rmtree(kept / team, ignore_errors=True)
                shutil.copytree(Path(folder) / str(year) / team / "tables", kept / team)


if __name__ == "__main__":
    main()
