"""MXNet 1.9.1's own unit tests on Workbench: figures by file, and why some ids do not pass.

    python scripts/unit_tests.py SUMMARY.json ...

takes over the figures of runs (``per_file`` and ``not_passed`` of their summaries) into
unit_tests.json; ``generate.py`` prints them into docs/compat.md. Counted are the ids that pass on
the real MXNet. Its tests are not part of this repository.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).with_name("unit_tests.json")

#: id → what Workbench does that the test does not expect
REASONS = {
    "test_autograd.py::test_gradient": (
        "`exp(1)` in float32 is wanted to 1e-7, less than one unit in the last place; NumPy's"
        " vectorised `exp` is one unit off."
    ),
    "test_dlpack.py::test_from_dlpack_backward_compatibility": (
        "calls `MXNDArrayFromDLPack` of the C library through ctypes; `mx.nd.from_dlpack` reads the"
        " capsule."
    ),
    "test_higher_order_grad.py::test_arcsinh": (
        "expects the sign that 1.9.1 gives to the second derivative of `arcsinh`, which is the"
        " wrong one."
    ),
    "test_ndarray.py::test_basic_indexing_is_contiguous": (
        "asks a helper of MXNet's own indexing code, `NDArray._basic_indexing_slice_is_contiguous`."
    ),
    "test_ndarray.py::test_save_load_scalar_zero_size_ndarrays": (
        "wants files refused that were saved under the other setting of `np_shape`; a file says"
        " itself what its shapes mean, and loads under both."
    ),
    "test_operator.py::test_dropout": (
        "`Dropout(p=1)` gives zeros; 1.9.1 multiplies 0 by 1/0 and gives nan."
    ),
    "test_operator.py::test_monitor_with_variable_input_shape": (
        "casts the array that a monitor gets to a C address; here it is an NDArray."
    ),
    "test_operator.py::test_op_all_names_monitor": (
        "with `monitor_all` an array is shown once, by the name of what made it, and not again by"
        " the names of those who read it."
    ),
    "test_operator.py::test_take": (
        "an index out of range is an error of `executor.forward()`; 1.9.1 raises it where the output"
        " is read."
    ),
}

#: id → the module that it waits for
APART = {
    "test_exc_handling.py::test_np_random_incorrect_named_arguments": "mx.np",
    "test_exc_handling.py::test_np_reshape_exception": "mx.np",
    "test_thread_local.py::test_np_global_shape": "mx.np",
    **{
        f"test_operator.py::test_{kind}_{how}": "mx.rnn"
        for kind in ("gru", "lstm", "rnnrelu", "rnntanh")
        for how in ("bidirectional", "sym")
    },
}


def figures() -> dict[str, Any]:
    """``per_file``: file → [passed, of]; ``not_passed``: the ids that did not pass."""
    read: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8"))
    return read


def table() -> list[str]:
    """The figures and reasons as lines of Markdown."""
    found = figures()
    per_file, failed = found["per_file"], found["not_passed"]
    passed, of = (sum(pair[i] for pair in per_file.values()) for i in (0, 1))
    waiting = [one for one in failed if one in APART]
    lines = [
        f"{passed} of {of} ids pass; {len(waiting)} of the others wait for a module of a later"
        " part.",
        "",
        "| file | passed | of |",
        "|---|---|---|",
        *(f"| `{name}` | {pair[0]} | {pair[1]} |" for name, pair in sorted(per_file.items())),
        "",
        "| does not pass | because |",
        "|---|---|",
        *(f"| `{one}` | {REASONS[one]} |" for one in failed if one in REASONS),
    ]
    modules = sorted({APART[one] for one in waiting})
    for module in modules:
        ids = ", ".join(f"`{one}`" for one in waiting if APART[one] == module)
        lines += ["", f"Waiting for `{module}`: {ids}."]
    return lines


def main(paths: list[str]) -> int:
    """Take over the figures of summaries; 1 where an id fails that no reason is given for."""
    found = figures() if FIGURES.exists() else {"per_file": {}, "not_passed": []}
    failed = set(found["not_passed"])
    for path in paths:
        summary = json.loads(Path(path).read_text(encoding="utf-8"))
        for name, count in summary["per_file"].items():
            found["per_file"][name] = [count["passed"], count["of"]]
            failed = {one for one in failed if not one.startswith(f"{name}::")}
        failed |= set(summary["not_passed"])
    found["not_passed"] = sorted(failed)
    found["per_file"] = dict(sorted(found["per_file"].items()))
    FIGURES.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    unexplained = sorted(failed - {*REASONS, *APART})
    for one in unexplained:
        print(f"{one} does not pass and has no reason")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
