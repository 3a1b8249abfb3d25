"""``mx.nd.contrib.foreach``, ``while_loop`` and ``cond``: Python's own loops over arrays.

Each call of a body is recorded as usual, so that autograd needs to know nothing of loops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..error import MXNetError, ParameterError, ShapeError, message, user_line
from ..graph.control import Cond, Control, Foreach
from ..graph.ir import Graph
from ..ops import get
from .core import NDArray
from .creation import zeros
from .entry import function_of

__all__ = ["cond", "foreach", "run", "while_loop"]


class MisuseError(MXNetError, ValueError, AssertionError):
    """A loop's function breaks the rules; an AssertionError in MXNet."""


# ---- nested lists -------------------------------------------------------------------------


def _flatten(args: Any, what: str) -> tuple[list[NDArray], Any]:
    """The arrays in order, and the nesting (0: an array)."""
    if isinstance(args, NDArray):
        return [args], 0
    if not isinstance(args, (list, tuple)):
        raise MisuseError(
            message(
                f"{what} must be (nested) list of NDArray, but got {type(args).__name__}",
                where=[user_line()],
            )
        )
    pairs = [_flatten(one, what) for one in args]
    return [one for flat, _ in pairs for one in flat], [nesting for _, nesting in pairs]


def _regroup(flat: Sequence[NDArray], nesting: Any) -> Any:
    rest = iter(flat)

    def build(inner: Any) -> Any:
        return next(rest) if isinstance(inner, int) else [build(one) for one in inner]

    return build(nesting)


def _stacked(rows: Sequence[NDArray], number: int) -> NDArray:
    """Arrays of one shape on top of each other."""
    if len({(row.shape, row.dtype) for row in rows}) > 1:
        places = [f"step {i}: {row.shape} {row._data.dtype}" for i, row in enumerate(rows)]
        raise ShapeError(
            message(
                f"Shapes of {number}-th elements in step_outputs are inconsistent",
                where=[*places[:8], user_line()],
                fix="Return outputs of the same shape and dtype in every step.",
            )
        )
    made: NDArray = function_of(get("stack"), "stack")(*rows, axis=0)
    return made


# ---- as users call them -------------------------------------------------------------------


def foreach(body: Callable[..., Any], data: Any, init_states: Any) -> tuple[Any, Any]:
    """Call *body* on each slice of *data* along axis 0, handing states from one to the next.

    Parameters
    ----------
    body : callable
        ``(slice, states) -> (outputs, states)``
    data : NDArray or list of NDArray
        All of the same length.
    init_states : NDArray or nested list of NDArray

    Returns
    -------
    outputs : NDArray or nested list of NDArray
        Those of all calls, stacked along a new axis 0.
    states : NDArray or nested list of NDArray
        After the last call.

    Raises
    ------
    AssertionError
        Something is no NDArray.

    Examples
    --------
    >>> import workbench as mx
    >>> rows = mx.nd.array([[1, 2], [3, 4]])
    >>> sums, last = mx.nd.contrib.foreach(lambda x, s: (x + s, x + s), rows, mx.nd.zeros(2))
    >>> sums.asnumpy().tolist()
    [[1.0, 2.0], [4.0, 6.0]]
    """
    flat, nesting = _flatten(data, "foreach input")
    _flatten(init_states, "foreach states")
    if len({len(one) for one in flat}) > 1:
        lengths = ", ".join(str(one.shape) for one in flat)
        raise ShapeError(
            message("foreach: data of different lengths", where=[lengths, user_line()])
        )
    states, rounds = init_states, []
    shape: Any = []
    for i in range(len(flat[0]) if flat else 0):
        outputs, states = body(_regroup([one[i] for one in flat], nesting), states)
        made, shape = _flatten(outputs, "foreach output")
        rounds.append(made)
    stacked = [_stacked(rows, n) for n, rows in enumerate(zip(*rounds, strict=True), 1)]
    return _regroup(stacked, shape), states


def while_loop(
    cond: Callable[..., Any],
    func: Callable[..., Any],
    loop_vars: Any,
    max_iterations: int | None = None,
) -> tuple[Any, Any]:
    """Call *func* while *cond* holds, at most *max_iterations* times.

    Parameters
    ----------
    cond : callable
        ``(*loop_vars) -> NDArray`` of one number, or a number.
    func : callable
        ``(*loop_vars) -> (outputs, loop_vars)``
    loop_vars : NDArray or list of NDArray
    max_iterations : int

    Returns
    -------
    outputs : NDArray or nested list of NDArray
        Stacked along a new axis 0 of length *max_iterations*; rows that were not reached are
        zeros. An empty list when there was no call.
    loop_vars : NDArray or list of NDArray
        After the last call.

    Raises
    ------
    ValueError
        *max_iterations* is missing, there are no loop variables, or their number, or that of the
        outputs, changes.
    """
    if max_iterations is None:
        raise ParameterError(message("max_iterations should be specified", where=[user_line()]))
    limit = _number(max_iterations, int, "max_iteration")
    if not isinstance(loop_vars, NDArray) and not len(loop_vars):
        raise ParameterError(message("loop_vars should contain at least one element"))
    single = isinstance(loop_vars, NDArray)
    variables = [loop_vars] if single else list(loop_vars)
    rounds: list[list[NDArray]] = []
    nesting: Any = []
    while len(rounds) < limit and _number(cond(*variables), bool, "Return value of cond"):
        outputs, new = func(*variables)
        variables = _checked_variables(new, len(variables))
        made, nesting = _flatten([] if outputs is None else outputs, "while output")
        if rounds and len(made) != len(rounds[0]):
            raise ParameterError(
                message("Number of elements in step_output should be the same in each step")
            )
        rounds.append(made)
    stacked = [_padded(rows, limit, n) for n, rows in enumerate(zip(*rounds, strict=True), 1)]
    return _regroup(stacked, nesting), variables[0] if single else variables


def _checked_variables(new: Any, count: int) -> list[NDArray]:
    variables = [] if new is None else [new] if isinstance(new, NDArray) else list(new)
    if len(variables) != count:
        raise ParameterError(
            message(
                "The length of loop_vars should be consistent during the loop",
                where=[f"{count} go in, {len(variables)} come out", user_line()],
            )
        )
    return variables


def _padded(rows: Sequence[NDArray], length: int, number: int) -> NDArray:
    """Rows on top of each other, and zeros below them."""
    first = rows[0]
    missing = length - len(rows)
    if missing:
        blank = zeros(first.shape, ctx=first.context, dtype=first.dtype)
        rows = [*rows, *[blank] * missing]
    return _stacked(rows, number)


def cond(pred: Any, then_func: Callable[[], Any], else_func: Callable[[], Any]) -> Any:
    """What *then_func* gives where *pred* is not zero, else what *else_func* gives.

    Parameters
    ----------
    pred : NDArray of one element, or a number
    then_func, else_func : callable
        Without arguments; only one of them is called.

    Raises
    ------
    ValueError
        *pred* has several elements.
    """
    return then_func() if _number(pred, bool, "pred") else else_func()


def _number(value: Any, kind: type, what: str) -> Any:
    if hasattr(value, "asscalar"):
        value = value.asscalar()
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise ParameterError(
            message(f"Cannot convert {what} to python {kind.__name__}", where=[user_line()])
        ) from None


# ---- a node of a graph on arrays ----------------------------------------------------------


def run(
    op: Control,
    p: Mapping[str, Any],
    inputs: Sequence[NDArray],
    body: Callable[[Graph, Sequence[NDArray]], list[NDArray]],
) -> list[NDArray]:
    """What a node computes, recorded operator by operator; *body* runs one of its graphs."""
    if isinstance(op, Cond):
        answer = body(op.bodies[0], [inputs[i] for i in p["cond_input_locs"]])
        taken = 1 if _number(answer[0], bool, "pred") else 2
        places = op.places(p)[taken]
        return body(op.bodies[taken], [inputs[i] for i in places])
    if isinstance(op, Foreach):
        return _run_foreach(op, p, inputs, body)
    return _run_while(op, p, inputs, body)


def _run_foreach(op: Foreach, p: Any, inputs: Any, body: Any) -> list[NDArray]:
    order, data, count = op.order(p), len(p["in_data_locs"]), p["num_out_data"]
    states = len(p["in_state_locs"])

    def step(slices: list[NDArray], before: list[NDArray]) -> Any:
        given: list[Any] = [None] * len(order)
        for place, one in zip(order, [*slices, *before, *inputs[data + states :]], strict=True):
            given[place] = one
        made = body(op.bodies[0], given)
        return made[:count], made[count:]

    outputs, last = foreach(step, list(inputs[:data]), list(inputs[data : data + states]))
    return [*outputs, *last]


def _run_while(op: Any, p: Any, inputs: Any, body: Any) -> list[NDArray]:
    places, count = op.state_inputs(p), p["num_out_data"]

    def values(states: Sequence[NDArray], numbers: Sequence[int]) -> list[NDArray]:
        every = dict(enumerate(inputs))
        every.update(zip(places, states, strict=True))
        return [every[i] for i in numbers]

    def test(*states: NDArray) -> NDArray:
        return body(op.bodies[0], values(states, p["cond_input_locs"]))[0]

    def step(*states: NDArray) -> Any:
        made = body(op.bodies[1], values(states, p["func_input_locs"]))
        return made[:count], made[count:]

    outputs, last = while_loop(test, step, [inputs[i] for i in places], p["max_iterations"])
    if count and not outputs:  # no round: the shapes are known from the graph alone
        _, shapes = op.infer_shape(p, [one.shape for one in inputs])
        _, dtypes = op.infer_dtype(p, [one._data.dtype.name for one in inputs])
        pairs = zip(shapes[:count], dtypes[:count], strict=True)
        outputs = [zeros(s, ctx=inputs[0].context, dtype=d) for s, d in pairs]
    return [*outputs, *last]
