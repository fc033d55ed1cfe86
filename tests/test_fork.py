"""Kernels are really forked here, from one process that has everything loaded."""

import json
import math
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path

import nbformat
import papermill
import pytest

from swtlib.batch.environment import fork_environment, kernel_environment
from swtlib.fork import safe_to_fork, supported

pytestmark = pytest.mark.skipif(not supported(), reason="forks are for Linux")

if supported():
    from ipykernel import kernelapp

    from swtlib.fork import kernel
    from swtlib.fork.engine import NAME, OPTION
    from swtlib.fork.executor import ForkExecutor, ProcessGoneError
    from swtlib.fork.kernel import KernelSettings
    from swtlib.fork.output import Capture

PRELOAD = "swtlib.batch.preload:preload"
WAIT = 120  # seconds; far more than needed, on a machine that does other things too
GATE = os.O_WRONLY | os.O_NONBLOCK if supported() else 0
WHO = "print(type(get_ipython().kernel).__module__)"


@pytest.fixture(scope="module")
def executor():
    with ForkExecutor(2, preload=PRELOAD, environment=fork_environment()) as executor:
        assert executor.loaded(WAIT), executor.reason
        yield executor


@pytest.fixture
def run(executor, tmp_path):
    """Run cells in a forked kernel; gives the notebook, also after an error."""

    def run(*cells, error=None, env=None, place=tmp_path, **options):
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells]
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "x"}
        notebook.metadata["language_info"] = {"name": "python"}
        nbformat.write(notebook, tmp_path / "in.ipynb")
        settings = KernelSettings(
            folder=str(tmp_path),
            working_folder=str(place),
            environment=kernel_environment(str(tmp_path), env or {}),
            path=tuple(part for part in sys.path if part),
        )
        future = executor.submit(
            papermill.execute_notebook,
            str(tmp_path / "in.ipynb"),
            str(tmp_path / "out.ipynb"),
            engine_name=NAME,
            progress_bar=False,
            **{OPTION: settings},
            **options,
        )
        if error is None:
            future.result(WAIT)
        else:
            with pytest.raises(Exception, match=error):
                future.result(WAIT)
        return nbformat.read(tmp_path / "out.ipynb", 4)

    return run


def printed(cell, name="stdout"):
    return "".join(o["text"] for o in cell.outputs if o.get("name") == name)


def wait_until(true):
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


# The executor


def test_every_task_has_a_fresh_process_of_the_same_parent(executor):
    pids = {executor.submit(os.getpid).result(WAIT) for _ in range(3)}
    assert len(pids) == 3
    assert executor.submit(os.getppid).result(WAIT) == executor.process_id


def test_result_or_error_of_a_task_comes_back(executor):
    assert executor.submit(math.hypot, 3, 4).result(WAIT) == 5
    with pytest.raises(ValueError, match="math domain error"):
        executor.submit(math.sqrt, -1).result(WAIT)
    with pytest.raises(TypeError, match="pickle"):
        executor.submit(threading.Lock).result(WAIT)


def test_process_that_ends_fails_its_own_task_only(executor):
    killed = executor.submit(signal.raise_signal, signal.SIGKILL)
    left = executor.submit(os._exit, 3)
    other = executor.submit(abs, -1)
    with pytest.raises(ProcessGoneError, match="killed by SIGKILL"):
        killed.result(WAIT)
    with pytest.raises(ProcessGoneError, match="ended with exit code 3"):
        left.result(WAIT)
    assert other.result(WAIT) == 1


def test_no_more_tasks_run_than_asked_for_and_the_rest_can_be_cancelled(
    executor, tmp_path
):
    gates = [tmp_path / "gate_1", tmp_path / "gate_2"]
    for gate in gates:
        os.mkfifo(gate)
    blocked = [executor.submit(Path.read_text, gate) for gate in gates]
    third, fourth = (executor.submit(abs, -1) for _ in range(2))
    for gate, future in zip(gates, blocked, strict=True):
        with gate.open("w") as file:  # opens when the other side reads
            assert [f.running() for f in (future, third, fourth)] == [
                True,
                False,
                False,
            ]
            if gate == gates[0]:
                assert third.cancel()
                assert fourth.cancel()
            else:
                assert third.cancelled()
            file.write("open")
        assert future.result(WAIT) == "open"


@pytest.mark.parametrize(
    ("preload", "reason"),
    [
        ("no_such_module:load", "No module named 'no_such_module'"),
        ("os:no_such_function", "no_such_function"),
        ("with_a_thread:load", "started a thread"),
    ],
)
def test_preloading_that_goes_wrong_is_told(preload, reason, tmp_path, monkeypatch):
    (tmp_path / "with_a_thread.py").write_text(
        "import threading, time\n"
        "def load():\n"
        "    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n",
        "utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    executor = ForkExecutor(1, preload=preload, environment=fork_environment())
    early = executor.submit(abs, -1)
    assert not executor.loaded(WAIT)
    assert reason in executor.reason
    with pytest.raises(BrokenExecutor, match=reason):
        early.result(WAIT)
    with pytest.raises(BrokenExecutor, match=reason):
        executor.submit(abs, -1)
    executor.shutdown()


def test_executor_whose_zygote_is_killed_breaks_and_leaves_no_process(tmp_path):
    executor = ForkExecutor(2, preload="gc:collect", environment=fork_environment())
    os.mkfifo(tmp_path / "gate")
    pid = executor.submit(os.getpid).result(WAIT)
    assert not lives(pid)
    endless = executor.submit(Path.read_text, tmp_path / "gate")
    os.kill(executor.process_id, signal.SIGKILL)
    with pytest.raises(BrokenExecutor, match="was killed"):
        endless.result(WAIT)
    with pytest.raises(BrokenExecutor, match="was killed"):
        executor.submit(abs, -1)
    with pytest.raises(OSError, match="No such device"):  # nobody reads there
        wait_until(lambda: os.close(os.open(tmp_path / "gate", GATE)))
    executor.shutdown()


def test_terminate_ends_what_runs_and_shutdown_waits_for_it(tmp_path):
    os.mkfifo(tmp_path / "gate")
    for end in ("terminate", "shutdown"):
        executor = ForkExecutor(1, preload="gc:collect", environment=fork_environment())
        running = executor.submit(Path.read_text, tmp_path / "gate")
        waiting = executor.submit(abs, -1)
        wait_until(running.running)
        if end == "terminate":
            executor.terminate()
            with pytest.raises(BrokenExecutor):
                running.result(WAIT)
            assert waiting.cancelled()
        else:
            executor.shutdown(wait=False)
            with (tmp_path / "gate").open("w") as gate:
                gate.write("open")
            executor.shutdown()
            assert (running.result(WAIT), waiting.result(WAIT)) == ("open", 1)
        with pytest.raises(RuntimeError, match="after shutdown"):
            executor.submit(abs, -1)


def test_terminate_does_not_wait_until_all_is_loaded(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "gate")
    code = f"def load():\n    open({str(tmp_path / 'gate')!r}).read()\n"
    (tmp_path / "slow.py").write_text(code, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("swtlib.fork.executor.GRACE", WAIT)  # that it would wait
    executor = ForkExecutor(1, preload="slow:load", environment=fork_environment())
    waiting = executor.submit(abs, -1)
    pid = executor.process_id
    began = time.monotonic()
    executor.terminate()
    assert waiting.cancelled()
    assert not lives(pid)
    assert time.monotonic() - began < WAIT


# What cells print


def test_print_c_library_and_subprocess_come_out_in_order(run):
    cell = run(
        "import os, subprocess, sys\n"
        "print('a')\nos.write(1, b'b\\n')\nos.system('echo c')\nprint('d')\n"
        "subprocess.run(['echo', 'e'])\nprint('f')\nos.write(2, b'fout\\n');"
    ).cells[0]
    assert printed(cell) == "a\nb\nc\nd\ne\nf\n"
    assert printed(cell, "stderr") == "fout\n"


def test_much_c_level_output_does_not_block(run):
    made = run(
        "import os\nfor _ in range(50):\n    os.write(1, b'x' * 99_999 + b'\\n')",
        "print('volgende')",
    )
    assert printed(made.cells[0]) == ("x" * 99_999 + "\n") * 50
    assert printed(made.cells[1]) == "volgende\n"


def test_letters_cut_in_two_and_emptied_output_come_out_whole(run):
    made = run(
        "import os, sys\nos.write(1, 'é'.encode()[:1])\nsys.stdout.flush()\n"
        "os.write(1, 'é'.encode()[1:]);",
        "os.system('echo weg > /dev/stdout')\nprint('daarna')",
    )
    assert printed(made.cells[0]) == "é"
    assert printed(made.cells[1]).endswith("daarna\n")


def test_output_of_threads_and_of_processes_belongs_to_the_cell_that_runs(run):
    made = run(
        "import threading\nfrom multiprocessing import get_context\n"
        "from IPython.display import display\n"
        "def speak(who):\n    print('ik ben', who)\n    return len(who)",
        "thread = threading.Thread(target=speak, args=('draad',))\n"
        "thread.start()\nthread.join()",
        "with get_context('fork').Pool(2) as pool:\n"
        "    print(pool.map(speak, ['proces']))",
        "thread = threading.Thread(target=display, args=('getoond',))\n"
        "thread.start()\nthread.join()",
    )
    assert printed(made.cells[1]) == "ik ben draad\n"
    assert printed(made.cells[2]) == "ik ben proces\n[6]\n"
    assert made.cells[3].outputs[0]["data"]["text/plain"] == "'getoond'"


def test_task_left_by_an_earlier_cell_prints_nothing_in_a_later_one(run):
    made = run(
        "import asyncio\nasync def late():\n    await asyncio.sleep(0.01)\n"
        "    print('te laat')\n    done.set()\n"
        "done = asyncio.Event()\ntask = asyncio.create_task(late())",
        "print('voor')\nawait done.wait()\nprint('na')",
    )
    assert "".join(printed(cell) for cell in made.cells) == "voor\nna\n"


def test_large_output_in_a_widget_does_not_block(run):
    made = run(
        "import ipywidgets\narea = ipywidgets.Output()\n"
        "for _ in range(5):\n"
        "    with area:\n        print('x' * 500_000)\n",
        "print('verder')",
    )
    assert printed(made.cells[1]) == "verder\n"
    states = made.metadata.widgets["application/vnd.jupyter.widget-state+json"]
    (area,) = (s for s in states["state"].values() if s["model_name"] == "OutputModel")
    assert len(area["state"]["outputs"][0]["text"]) == 5 * 500_001


def test_capture_is_read_once_by_whoever_comes_first():
    capture = Capture("test")
    other = os.dup(capture.reader)  # as a fork has it
    os.write(capture.writer, b"een")
    assert os.read(other, 9) == b"een"
    os.write(capture.writer, b"twee")
    assert capture.read() == b"twee"
    assert os.read(other, 9) == b""
    os.close(other)
    capture.close()


# Cells that do not come to their end


@pytest.mark.parametrize(
    "loop",
    [
        "while True:\n    pass",
        "while True:\n    try:\n        time.sleep(9)\n    except BaseException:\n"
        "        pass",
        "re.match('(a+)+b', 'a' * 60)",  # in C, without a look at signals
    ],
    ids=["loop", "stubborn", "in C"],
)
def test_endless_cell_is_ended_and_what_it_printed_is_kept(run, tmp_path, loop):
    made = run(
        "import os, re, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"with open({str(tmp_path / 'pids')!r}, 'w') as file:\n"
        "    print(os.getpid(), child.pid, file=file)",
        f"print('begonnen')\n{loop}",
        error="timed out",
        execution_timeout=2,
    )
    assert printed(made.cells[1]) == "begonnen\n"
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    wait_until(lambda: not any(lives(pid) for pid in pids))


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)", "exit()"])
def test_kernel_that_ends_by_itself_is_seen_and_what_it_printed_is_kept(run, end):
    made = run(
        f"import os\nprint('begonnen')\n{end}",
        "import asyncio\nawait asyncio.sleep(600)",
        error="Kernel died",
    )
    assert printed(made.cells[0]) == "begonnen\n"


def test_cell_can_be_interrupted_and_the_kernel_goes_on(run):
    made = run(
        "import time\ntry:\n    time.sleep(600)\nexcept KeyboardInterrupt:\n"
        "    print('onderbroken')",
        "print('verder')",
        execution_timeout=2,
        interrupt_on_timeout=True,
    )
    assert printed(made.cells[0]) == "onderbroken\n"
    assert printed(made.cells[1]) == "verder\n"


def test_signal_handler_may_print_whatever_the_cell_does(run):
    made = run(
        "import signal, sys\n"
        "ticks = []\n"
        "def tick(*_):\n    ticks.append(1)\n    print('tik', flush=True)\n"
        "signal.signal(signal.SIGALRM, tick)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)\n"
        "while len(ticks) < 50:\n    print('x' * 300_000, flush=True)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0)",
        "print(len(ticks))",
    )
    said = printed(made.cells[0])
    assert said.count("tik") == int(printed(made.cells[1]))
    assert set(said.replace("tik", "")) == {"x", "\n"}


def test_memory_that_runs_out_is_an_error_of_its_cell(run):
    made = run(
        "import resource\nused = int(open('/proc/self/statm').read().split()[0]) * 4096"
        "\nresource.setrlimit(resource.RLIMIT_AS, (used + 2**28,) * 2)",
        "much = bytearray(2**30)",
        error="MemoryError",
    )
    # papermill puts two cells about the error in front
    assert made.cells[-1].outputs[0]["ename"] == "MemoryError"


def test_kernel_goes_first_when_memory_runs_out(run):
    made = run("print(open('/proc/self/oom_score_adj').read())")
    assert int(printed(made.cells[0])) == 500


# What a kernel has, and has not


def test_kernel_has_a_place_variables_and_no_files_of_others(run, tmp_path):
    made = run(
        "import os, sys\nfrom pathlib import Path\n"
        "fd = Path('/proc/self/fd')\n"
        "files = [os.readlink(n) for n in fd.iterdir() if n.is_symlink()]\n"
        "print(Path.cwd(), os.environ['SWT_PROEF'], hash('a'))\n"
        "print('debugpy' in sys.modules, sys.modules.get('rfc3987_syntax', 'free'))\n"
        "print(sum(f.startswith('socket') for f in files),"
        " sum(f.startswith('pipe') for f in files))",
        env={"SWT_PROEF": "ja"},
    )
    place, facts, ends = printed(made.cells[0]).splitlines()
    by_hash = "import os; print(hash('a'))"
    zero = {**os.environ, "PYTHONHASHSEED": "0"}
    expected = subprocess.run(
        [sys.executable, "-c", by_hash], env=zero, capture_output=True, text=True
    ).stdout.strip()
    assert place == f"{tmp_path} ja {expected}"
    assert facts == "False free"
    # shell and iopub and the two of the event loop; no pipe of the run
    assert ends == "4 0"


def test_kernel_knows_what_its_command_line_says_and_all_modules(run):
    argv = ["-f", "/folder/kernel.json", "--HistoryManager.hist_file=:memory:"]
    told = []
    for app in (kernelapp.IPKernelApp(), kernel.IPKernelApp()):
        app.parse_command_line(argv)
        told.append((app.config, app.cli_config, app.connection_file, app.argv))
    assert told[0] == told[1]
    assert told[0][0]["HistoryManager"]["hist_file"] == ":memory:"
    made = run(
        "import sys, ipykernel.ipkernel\n"
        "ip = get_ipython()\n"
        "print(ipykernel.ipkernel.sys is sys, ip.history_manager.hist_file)\n"
        "print(ip.kernel.parent.connection_file == sys.argv[2])"
    )
    assert printed(made.cells[0]) == "True :memory:\nTrue\n"


def test_text_in_a_kernel_is_of_one_form_from_its_start(run):
    cell = (
        "import pandas as pd\n"
        "from swtlib.codebook import codebook_table, load_codebook\n"
        "own, table = pd.Series(['a']), codebook_table(load_codebook())\n"
        "forms = [c.dtype.storage for _, c in table.items() if c.dtype == 'str']\n"
        "print(own.dtype.storage, {*forms, table.columns.dtype.storage})"
    )
    assert printed(run(cell).cells[0]) == "python {'python'}\n"


def test_chance_is_different_in_every_kernel(run):
    cell = "import random, numpy as np\nprint(random.random(), np.random.random())"
    drawn = [printed(run(cell).cells[0]).split() for _ in range(2)]
    assert drawn[0][0] != drawn[1][0]
    assert drawn[0][1] != drawn[1][1]


def test_every_thread_in_a_kernel_is_of_the_notebook(run):
    made = run("import os\nprint(len(os.listdir('/proc/self/task')))")
    assert printed(made.cells[0]) == "1\n"


def test_processes_end_with_the_caller_that_is_killed(tmp_path):
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "x"}
    notebook.metadata["language_info"] = {"name": "python"}
    mark = tmp_path / "pids"
    source = (
        "import os, time\n"
        f"with open({str(mark)!r} + '.new', 'w') as file:\n"
        "    print(os.getpid(), os.getppid(), file=file)\n"
        f"os.rename({str(mark)!r} + '.new', {str(mark)!r})\ntime.sleep(600)"
    )
    notebook.cells = [nbformat.v4.new_code_cell(source)]
    nbformat.write(notebook, tmp_path / "in.ipynb")
    script = tmp_path / "caller.py"
    script.write_text(
        "import papermill, sys\n"
        "from swtlib.fork.executor import ForkExecutor\n"
        "from swtlib.fork.kernel import KernelSettings\n"
        "from swtlib.batch.environment import fork_environment\n"
        f"e = ForkExecutor(1, preload={PRELOAD!r}, environment=fork_environment())\n"
        f"s = KernelSettings(folder={str(tmp_path)!r}, path=tuple(sys.path))\n"
        f"e.submit(papermill.execute_notebook, {str(tmp_path / 'in.ipynb')!r}, None,"
        " engine_name='swt', progress_bar=False, swt_kernel=s).result()\n",
        "utf-8",
    )
    caller = subprocess.Popen([sys.executable, str(script)])
    wait_until(mark.exists)
    pids = [int(pid) for pid in mark.read_text().split()]
    assert all(lives(pid) for pid in pids)
    caller.kill()
    caller.wait()
    wait_until(lambda: not any(lives(pid) for pid in pids))


# The engine from a shell


def shell(tmp_path, code, *cells, kernel="python3"):
    """Run a notebook by papermill in a Python of its own; gives the notebook."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells]
    notebook.cells[0].metadata["tags"] = ["parameters"]
    notebook.metadata["kernelspec"] = {"name": kernel, "display_name": "x"}
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, tmp_path / "in.ipynb")
    command = [sys.executable, *code, "in.ipynb", "out.ipynb", "--engine", "swt"]
    done = subprocess.run(
        [*command, "-p", "team", "elburg", "--no-progress-bar"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=WAIT,
    )
    assert done.returncode == 0, done.stderr
    return nbformat.read(tmp_path / "out.ipynb", 4)


def test_engine_serves_papermill_in_a_shell(tmp_path):
    made = shell(
        tmp_path,
        ["-m", "papermill"],
        "team = 'alle'",
        WHO,
        "import pandas as pd, sys\nprint(team, pd.options.display.max_columns)\n"
        "print([part for part in sys.path if 'papermill' in part])",
    )
    assert printed(made.cells[2]) == "swtlib.fork.kernel\n"
    assert printed(made.cells[3]) == "elburg 20\n[]\n"  # 0 where there is no kernel
    assert [cell.execution_count for cell in made.cells] == [1, 2, 3, 4]
    assert made.cells[3].metadata.papermill.status == "completed"
    assert set(made.cells[3].metadata.execution) == {
        "iopub.execute_input",
        "iopub.status.busy",
        "iopub.status.idle",
        "shell.execute_reply",
    }
    assert made.metadata.papermill.parameters == {"team": "elburg"}


def test_engine_leaves_it_to_an_ordinary_kernel_where_a_fork_is_not_safe(tmp_path):
    code = (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
        "from papermill.cli import papermill\npapermill()"
    )
    made = shell(tmp_path, ["-c", code], "team = 'alle'", WHO)
    assert printed(made.cells[2]) == "ipykernel.ipkernel\n"


def test_engine_leaves_other_kernels_alone(tmp_path, monkeypatch):
    folder = tmp_path / "jupyter" / "kernels" / "ander"
    folder.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    program = tmp_path / "other_python"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8")
    program.chmod(0o755)
    spec = {
        "display_name": "x",
        "language": "python",
        "argv": [str(program), *argv[1:]],
    }
    (folder / "kernel.json").write_text(json.dumps(spec), "utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    made = shell(tmp_path, ["-m", "papermill"], "team = 'alle'", WHO, kernel="ander")
    assert printed(made.cells[2]) == "ipykernel.ipkernel\n"


def test_ordinary_kernel_serves_where_a_forked_one_does_not_come_up(run, tmp_path):
    made = run(WHO, place=tmp_path / "not there")
    assert printed(made.cells[0]) == "ipykernel.ipkernel\n"
    assert "FileNotFoundError" in (tmp_path / "kernel.log").read_text("utf-8")


def test_fork_is_not_safe_here_where_pandas_looked_for_a_kernel():
    import pandas  # noqa: F401

    assert not safe_to_fork()


def test_engine_is_light_to_import():
    code = "import sys, swtlib.fork.engine\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    heavy = {"papermill", "ipykernel", "IPython", "numpy", "pandas", "zmq"}
    assert "swtlib.fork.engine" in loaded
    assert not heavy & loaded
    assert {name for name in loaded if name.startswith("swtlib")} == {
        "swtlib",
        "swtlib.fork",
        "swtlib.fork.engine",
    }


def wish_for(call, *args):
    """Wish, in a task, that a call was made beforehand; give what is ready."""
    from swtlib import _ahead
    from swtlib.fork import zygote

    content = pickle.dumps((call, args, []))
    key = call.encode().ljust(_ahead.KEY_SIZE)[: _ahead.KEY_SIZE]
    zygote.fresh.wishes.append(key + _ahead.MIXED + content)
    return dict(_ahead._ready)


def test_what_two_tasks_wished_for_is_ready_for_later_ones():
    with ForkExecutor(1, preload=PRELOAD, environment=fork_environment()) as executor:
        assert executor.submit(wish_for, "builtins:len", [1, 2, 3]).result(WAIT) == {}
        time.sleep(1)  # one wish is not heeded
        assert executor.submit(wish_for, "builtins:len", [1, 2, 3]).result(WAIT) == {}
        for _ in range(2):  # what goes wrong is passed over, and stops nothing
            executor.submit(wish_for, "builtins:no_such", 1).result(WAIT)
        deadline = time.monotonic() + WAIT
        ready = {}
        while not ready and time.monotonic() < deadline:
            ready = executor.submit(wish_for, "builtins:abs", -7).result(WAIT)
        assert 3 in ready.values()
