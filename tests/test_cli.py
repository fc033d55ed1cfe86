import subprocess
import sys

import pytest
from typer.testing import CliRunner

from swtlib import cli
from swtlib.codebook import load_codebook

runner = CliRunner()


def test_codebook_is_printed_with_its_unknowns():
    result = runner.invoke(cli.app, ["codebook"], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    assert "bk_systematisch" in result.output
    assert "asked, not counted" in result.output
    assert "unknown (placeholder)" in result.output


def test_codebook_is_written_as_csv_and_page(tmp_path):
    arguments = ["--csv", str(tmp_path / "c.csv"), "--html", str(tmp_path / "c.html")]
    assert runner.invoke(cli.app, ["codebook", *arguments]).exit_code == 0
    lines = (tmp_path / "c.csv").read_text("utf-8").splitlines()
    assert len(lines) == 115  # heading and 114 items
    page = (tmp_path / "c.html").read_text("utf-8")
    assert "106 bekende vragen en 8 plaatsen" in page
    for _, item in load_codebook().items():
        assert item.id in page


def test_ingest_says_what_was_kept():
    result = runner.invoke(cli.app, ["ingest", "2015"], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    assert "77 responses, 66 kept" in result.output
    assert "broken off" in result.output


def test_check_counts_the_published_figures():
    result = runner.invoke(cli.app, ["check", "2015"])
    assert result.exit_code == 0
    assert "388  reproduced" in result.output
    assert "14  contradicted" in result.output


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["ingest", "1999"], "There is no wave 1999", 5),
        (["check", "1999"], "There is no wave 1999", 5),
        (["run", "--team", "elbrug"], "Did you mean 'elburg'", 8),
        (["run", "--notebook", "dv9"], "dv9", 8),
        (["run", "--jobs", "0"], "at least 1 is needed", 8),
        (["codebook", "--csv", "."], "this is a folder, not a file", 1),
    ],
)
def test_error_is_one_line_with_an_exit_code(arguments, message, code):
    result = subprocess.run(
        [sys.executable, "-c", "from swtlib.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == code
    assert message in result.stderr
    assert "Traceback" not in result.stderr
