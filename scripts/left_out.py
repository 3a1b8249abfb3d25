"""Operators of MXNet 1.9.1 that Workbench does not have, and will not have, each with its reason.

``generate.py`` prints this table into docs/compat.md; a test compares it with the registry.
"""

from __future__ import annotations

#: (names, why), names separated by spaces
LEFT_OUT = (
    (
        "_sg_mkldnn_conv _sg_mkldnn_fully_connected _sg_mkldnn_selfatt_qk"
        " _sg_mkldnn_selfatt_valatt",
        "Parts of a graph that MXNet's oneDNN backend cuts out and runs as one. Passes and kernels"
        " do that here, on the operators themselves.",
    ),
    (
        "_CachedOp _CachedOpThreadSafe",
        "How MXNet's C++ engine calls a hybridized block within a graph; `mx.nd.CachedOp` is a"
        " class here.",
    ),
    (
        "_CustomFunction",
        "The node of an `autograd.Function` on MXNet's tape; the tape holds the Function itself"
        " here.",
    ),
    (
        "_NDArray _Native",
        "Python callbacks of `NDArrayOp` and `NumpyOp`, passed as addresses in memory; the classes"
        " are there, and make a `Custom`.",
    ),
    (
        "_imdecode",
        "The older decoder behind `mx.nd.imdecode`, called with an address in memory; the function"
        " is there and uses `_cvimdecode`.",
    ),
    (
        "_NoGradient",
        "The mark of a missing gradient in MXNet's graphs; it computes nothing and cannot be called"
        " in 1.9.1 either.",
    ),
)

#: names of functions and constants that MXNet's modules show, as above
NAMES = (
    (
        "get_indexing_dispatch_code get_oshape_of_gather_nd_op indexing_key_expand_implicit_axes"
        " _DTYPE_MX_TO_NP _DTYPE_NP_TO_MX _GRAD_REQ_MAP",
        "Helpers of MXNet's own `ndarray.py`.",
    ),
    (
        "backward_gradientmultiplier backward_hawkesll backward_index_copy backward_quadratic",
        "Gradients of operators, shown by mistake: they cannot be called usefully.",
    ),
)

#: operators of mx.np and mx.npx have these prefixes
NUMPY = ("_np_", "_npi_", "_npx_")


def reasons() -> dict[str, str]:
    """Each operator with its reason."""
    return {name: why for names, why in LEFT_OUT for name in names.split()}


def names() -> set[str]:
    """All of NAMES."""
    return {name for group, _ in NAMES for name in group.split()}


def table(of_what: str, rows: tuple[tuple[str, str], ...]) -> list[str]:
    """LEFT_OUT or NAMES as lines of Markdown."""
    lines = ["Left out on purpose:", "", f"| {of_what} | why |", "|---|---|"]
    for group, why in rows:
        lines.append(f"| {', '.join(f'`{name}`' for name in group.split())} | {why} |")
    return lines
