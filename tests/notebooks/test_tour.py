"""The tour as a file, and as ``make tour`` shows it. Its cells are run by nbval and in a browser."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TOUR = ROOT / "notebooks" / "00-tour.ipynb"


def code_cells(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in document["cells"] if cell["cell_type"] == "code"]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.name)
def saved(request):
    """A notebook's code cells with the outputs that are committed."""
    return code_cells(request.param)


def test_saved_as_run_from_top_to_bottom(saved):
    assert [cell["execution_count"] for cell in saved] == list(range(1, len(saved) + 1))


def test_saved_without_errors_and_warnings(saved):
    outputs = [output for cell in saved for output in cell["outputs"]]
    assert [one for one in outputs if one["output_type"] == "error"] == []
    assert [one for one in outputs if one.get("name") == "stderr"] == []


def test_saved_views_are_pictures(saved):
    bundles = [output.get("data", {}) for cell in saved for output in cell["outputs"]]
    assert [one for one in bundles if any("widget" in kind for kind in one)] == []


def test_an_output_is_left_uncompared_only_for_a_reason(saved):
    for cell in saved:
        for line, reason in itertools.pairwise([*cell["source"], ""]):
            if "NBVAL_" in line:
                assert line == "# NBVAL_IGNORE_OUTPUT\n"  # nbval wants it alone
                assert re.match(r"# \w.{20}", reason), reason


def test_saved_without_times_and_machines(saved):
    assert [cell["metadata"] for cell in saved] == [{}] * len(saved)
    assert "/home/" not in json.dumps(saved)


def test_the_tour_goes_through_the_talk():
    text = "\n".join("".join(cell["source"]) for cell in code_cells(TOUR))
    ideas = """
        wait_to_read() attach_grad() autograd.record() .backward() sym.Variable .bind( .forward(
        out_grads= .tojson() plot_network DataLoader gluon.Trainer nn.Conv2D MaxPool2D nn.Flatten
        %%mxtrain self.params.get hybrid_forward self.weight.data() hybridize() mx.cpu(1) copyto
        as_in_context split_and_load mx.kv.create mx.data_path("mnist")
    """
    assert [idea for idea in ideas.split() if idea not in text] == []


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_tour_writes_one_page_with_every_picture(tmp_path):
    venv = Path(sys.executable).parents[1]
    done = subprocess.run(
        ["make", "-o", f"{venv}/.lab", "tour", f"VENV={venv}", f"TOUR_DIR={tmp_path}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "tour.html").read_text(encoding="utf-8")
    pictures = [
        kind
        for cell in code_cells(TOUR)
        for output in cell["outputs"]
        for kind in output.get("data", {})
        if kind.startswith("image/")
    ]
    found = re.findall(r'<img [^>]*src="data:(image/[a-z+]+);base64', page)
    assert found == pictures
    assert re.findall(r'<img [^>]*src="(?!data:)', page) == []
