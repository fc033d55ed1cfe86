"""Renew the stored result tables after a change that is meant to move numbers.

Run by hand, look at the difference in git, and name the tables in CHANGELOG.md::

    uv run python tests/data/renew_tables.py
"""

import os
import shutil
import tempfile
from pathlib import Path

from swtlib.batch import run_wave

STORED = Path(__file__).parent / "tables"
TEAMS = ("alle", "elburg")


def main() -> None:
    """Run the notebooks for two teams and keep their tables."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SWT_OUTPUTS"] = folder
        report = run_wave(year=2015, teams=TEAMS)
        print(report.summary())
        if report.exit_code:
            raise SystemExit(report.exit_code)
        for team in TEAMS:
            shutil.rmtree(STORED / team, ignore_errors=True)
            shutil.copytree(Path(folder) / "2015" / team / "tables", STORED / team)


if __name__ == "__main__":
    main()
