import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from swtlib import batch, cli
from swtlib.batch import cluster, pools
from swtlib.batch.pools import Pools
from swtlib.batch.report import RunReport
from swtlib.codebook import load_codebook
from swtlib.errors import WaveError
from swtlib.project import outputs_dir
from swtlib.wave import LedgerEntry, load_facts, load_wave

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
    assert len(lines) == 124  # heading and 123 items
    page = (tmp_path / "c.html").read_text("utf-8")
    assert "115 bekende vragen en 8 plaatsen" in page
    for _, item in load_codebook().items():
        assert item.id in page


def test_diff_says_what_may_be_compared(tmp_path):
    arguments = ["codebook", "--diff", "2015", "2016", "--csv", str(tmp_path / "d.csv")]
    result = runner.invoke(cli.app, arguments, env={"COLUMNS": "120"})
    assert result.exit_code == 0
    assert (
        "items 2015 and 2016: 97 may be compared, 9 with care, 2 not" in result.output
    )
    assert "erv_prettig" in result.output
    assert "bk_proactief" not in result.output  # the same item: only in the file
    assert "item,bk_proactief,bk_proactief," in (tmp_path / "d.csv").read_text("utf-8")


def test_questionnaire_says_what_to_look_at(tmp_path):
    out = tmp_path / "v.txt"
    arguments = ["questionnaire", "2016", "--format", "qualtrics", "--out", str(out)]
    result = runner.invoke(cli.app, arguments, env={"COLUMNS": "120"})
    assert result.exit_code == 0
    assert "16 questions on 7 pages, 8 teams" in result.output
    assert "erv_prettig: Ik voel mij prettig" in result.output
    assert out.is_file()


def test_ingest_says_what_was_kept():
    result = runner.invoke(cli.app, ["ingest", "2015"], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    assert "77 responses, 66 kept" in result.output
    assert "broken off" in result.output


def test_ingest_prints_a_heading_in_square_brackets_as_it_stands(capsys):
    ledger = (LedgerEntry(what="recoded", where="functie[other]", n=1, reason="[/b]"),)
    cli._print_wave(replace(load_wave(2015), ledger=ledger))
    assert "functie[other]" in capsys.readouterr().out


def test_dry_run_shows_the_mapping_and_saves_it(tmp_path):
    path = tmp_path / "map.toml"
    arguments = ["ingest", "2015", "--dry-run", "--save", str(path)]
    result = runner.invoke(cli.app, arguments, env={"COLUMNS": "160"})
    assert result.exit_code == 0
    assert "77 responses. Nothing was kept" in result.output
    assert "bk_proactief" in result.output
    assert "Nothing would stop the ingest" in result.output
    assert '"bakens[proactief]" = "bk_proactief"' in path.read_text("utf-8")


def test_dry_run_says_what_would_stop_the_ingest(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("id;Wijkteam;bakens[proactiev]\n1;Kampen;[b]A1\n", "utf-8")
    arguments = ["ingest", "2015", str(path), "--dry-run"]
    result = runner.invoke(cli.app, arguments, env={"COLUMNS": "160"})
    assert result.exit_code == 4  # that of the ingest itself
    assert "doubtful" in result.output
    assert "'Kampen' is not allowed" in result.output.replace("\n", " ")
    assert "questions are not in the first line" in result.output


def test_respons_counts_the_teams():
    export = str(load_facts(2015).folder / "results-survey201502.csv")
    result = runner.invoke(cli.app, ["respons", export], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    assert "Answered: 66, broken off: 11" in result.output
    rows = {line.split()[0]: line.split()[1:] for line in result.output.splitlines()}
    assert rows["elburg"] == ["7", "7", "0", "0", "can", "be", "shown"]
    assert rows["apeldoorn"] == ["2", "0", "3"]


def test_run_begins_to_preload_at_once_where_there_is_work_for_sure(
    project, monkeypatch
):
    done = []
    monkeypatch.setattr(Pools, "begin", lambda self: done.append("begin"))
    report = RunReport(results=(), seconds=0)
    monkeypatch.setattr(batch, "run_wave", lambda **_: done.append("run") or report)
    for arguments in ((), ("--force",)):
        assert runner.invoke(cli.app, ["run", *arguments]).exit_code == 0
    outputs_dir(2015).mkdir()
    assert runner.invoke(cli.app, ["run"]).exit_code == 0
    assert runner.invoke(cli.app, ["run", "--force"]).exit_code == 0
    first = ["begin", "run"]
    assert done == [*first, *first, "run", *first]


def test_run_on_a_cluster_begins_nothing_here_and_needs_no_fork(project, monkeypatch):
    asked = []

    def open_cluster(address, *, engine):
        asked.append((address, engine))
        return nullcontext("cluster")

    def run_wave(*, executor, **_):
        asked.append(executor)
        return RunReport(results=(), seconds=0)

    monkeypatch.setattr(Pools, "begin", lambda self: asked.append("begin"))
    monkeypatch.setattr(pools, "supported", lambda: False)
    monkeypatch.setattr(cluster, "open_executor", open_cluster)
    monkeypatch.setattr(batch, "run_wave", run_wave)
    given = ["run", "--dask", "tcp://there:8786", "--engine", "fork"]
    assert runner.invoke(cli.app, given).exit_code == 0
    assert asked == [("tcp://there:8786", "fork"), "cluster"]


def test_simulate_says_what_is_not_there():
    result = runner.invoke(cli.app, ["simulate", "2015"])
    assert isinstance(result.exception, WaveError)
    assert "is not written over" in str(result.exception)


def test_check_counts_the_published_figures():
    result = runner.invoke(cli.app, ["check", "2015"])
    assert result.exit_code == 0
    assert "388  reproduced" in result.output
    assert "14  contradicted" in result.output


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["ingest", "1999"], "There is no wave 1999", 5),
        (["ingest", "2015", "--save", "m.toml"], "--save goes with --dry-run", 8),
        (["respons", "nope.csv", "--year", "2015"], "there is no such file", 4),
        (["check", "1999"], "There is no wave 1999", 5),
        (["run", "--team", "elbrug"], "Did you mean 'elburg'", 8),
        (["run", "--notebook", "dv9"], "dv9", 8),
        (["run", "--jobs", "0"], "at least 1 is needed", 8),
        (["questionnaire", "2016", "--format", "word"], "no format 'word'", 8),
        (["questionnaire", "1999", "--format", "docx"], "asks nothing in 1999", 3),
        (["codebook", "--diff", "2016", "2016"], "Name two years", 8),
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
