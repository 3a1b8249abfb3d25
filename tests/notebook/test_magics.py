"""The magics in an IPython without a page: text out, the cell as it is."""

from __future__ import annotations

import pytest

from workbench.watch import runs

pytest.importorskip("IPython")

SETUP = "from fake_training import train, Trainer, Loader"


@pytest.fixture
def run_cell(shell):
    def run(source, ok=True):
        result = shell.run_cell(source)
        assert result.success is ok, result.error_in_exec or result.error_before_exec
        return result

    run(SETUP)
    return run


def test_the_cell_runs_unchanged_and_leaves_a_run(run_cell, shell):
    result = run_cell("%%mxtrain lenet --no-save -e 2\nt = train(2, batches=5, seconds=0)\nt.steps")
    assert shell.user_ns["t"].steps == 10
    run = shell.user_ns["run"]
    assert (run.name, run.state, run.epochs) == ("lenet", "finished", 2)
    assert len(run.loss) == 10
    assert result.result == 10


def test_a_semicolon_keeps_the_last_value_quiet(run_cell):
    assert run_cell("%%mxtrain x --no-save --quiet\n1 + 1").result == 2
    assert run_cell("%%mxtrain x --no-save --quiet\n1 + 1;  # quiet").result is None


def test_results_are_the_same_with_and_without_the_magic(run_cell, shell):
    run_cell("import numpy as np\nnp.random.seed(3)\na = np.random.rand(4)")
    run_cell("%%mxtrain --no-save --quiet\nnp.random.seed(3)\nb = np.random.rand(4)")
    assert (shell.user_ns["a"] == shell.user_ns["b"]).all()


def test_epochs_are_read_off_the_cell(run_cell, shell):
    loop = "for e in range(3):\n    for _ in Loader(2):\n        t.step(1)"
    run_cell(f"%%mxtrain x --no-save --quiet\nt = Trainer()\n{loop}")
    assert shell.user_ns["run"].epochs == 3


def test_an_exception_passes_through_and_the_next_cell_works(run_cell, shell, capsys):
    cell = "%%mxtrain x --no-save --quiet\ntrain(1, seconds=0, fail_at=4)"
    result = run_cell(cell, ok=False)
    assert isinstance(result.error_in_exec, ValueError)
    out = capsys.readouterr()
    text = out.out + out.err
    assert "the data went away" in text
    assert "magics.py" not in text
    assert shell.user_ns["run"].state == "failed"
    run_cell("1 + 1")


def test_stop_ends_the_cell_well(run_cell, shell):
    body = "t = Trainer()\nrun.control({'t': 'stop', 'click': 1})\ntrain(1, seconds=0, trainer=t)"
    run_cell(f"%%mxtrain x --no-save --quiet\n{body}")
    assert shell.user_ns["run"].state == "stopped"
    assert shell.user_ns["t"].steps == 0


def test_an_interrupt_passes_through(run_cell, shell):
    result = run_cell("%%mxtrain x --no-save --quiet\nraise KeyboardInterrupt", ok=False)
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    assert shell.user_ns["run"].state == "stopped"


def test_a_name_of_the_users_is_left_alone(run_cell, shell):
    run_cell("run = 'mine'")
    run_cell("%%mxtrain x --no-save --quiet\ntrain(1, batches=2, seconds=0)")
    assert shell.user_ns["run"] == "mine"
    assert runs[-1].name == "x"


def test_stop_on_nan(run_cell, shell):
    run_cell("%%mxtrain x --no-save --quiet --stop-on-nan\ntrain(1, seconds=0, nan_at=5)")
    run = shell.user_ns["run"]
    assert run.state == "stopped"
    assert "not finite" in run.state_dict()["reason"]


def test_save_writes_a_record(run_cell, shell, tmp_path):
    cell = f"%%mxtrain x --quiet --save {tmp_path}\ntrain(1, batches=3, seconds=0)"
    run_cell(cell)
    assert [path.suffix for path in tmp_path.glob("*.jsonl")] == [".jsonl"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--save a --no-save", "exclude each other"),
        ("-e three", "invalid int value"),
        ("--nonsense", "unrecognized arguments"),
    ],
)
def test_wrong_arguments_are_named_in_one_line(run_cell, capsys, line, says):
    run_cell(f"%%mxtrain x {line}\npass", ok=False)
    out = capsys.readouterr()
    assert says in out.out + out.err
    assert "Traceback" not in out.out + out.err


def test_a_syntax_error_starts_no_run(run_cell):
    run_cell("%%mxtrain x --no-save\nfor", ok=False)
    assert len(runs) == 0


def test_runs_as_a_table_and_by_number(run_cell, capsys):
    run_cell("%%mxtrain lenet --no-save --quiet\ntrain(1, batches=3, seconds=0)")
    capsys.readouterr()
    run_cell("%mxruns")
    assert "lenet" in capsys.readouterr().out
    number = runs[-1].number
    run_cell(f"%mxruns {number}")
    assert f"<Run {number} 'lenet' finished" in capsys.readouterr().out
    run_cell("%mxruns 9999", ok=False)
    out = capsys.readouterr()
    assert "no run 9999" in out.out + out.err


def test_graph_and_profile_without_a_run_say_so(run_cell, capsys):
    for line in ("%mxgraph", "%mxprofile"):
        run_cell(line, ok=False)
        out = capsys.readouterr()
        assert "there is no run yet" in out.out + out.err


def test_profile_runs_a_statement(run_cell, shell, capsys):
    run_cell("%mxprofile t = train(1, batches=2, seconds=0, devices=True)")
    assert shell.user_ns["t"].steps == 2
    assert "cpu(0)" in capsys.readouterr().out


def test_a_top_level_await_is_refused_in_a_sentence(run_cell, capsys):
    run_cell("%%mxtrain x --no-save --quiet\nimport asyncio\nawait asyncio.sleep(0)", ok=False)
    out = capsys.readouterr()
    assert "await" in out.out + out.err
