"""``mx.sym.contrib.foreach``, ``while_loop`` and ``cond``: loops and branches inside a graph.

The function that the user gives is called once, on new variables; what it computed becomes a
graph of its own. Where that uses symbols from outside, it is cut: they become inputs of the
node. Which node is inside is told by the attribute ``__subgraph_name__``, as in MXNet's files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..attribute import AttrScope
from ..error import GraphError, ParameterError, message, user_line
from ..graph.control import Cond, Control, Foreach, WhileLoop
from ..graph.ir import Entry, Graph, Node, here, topological, variable
from ..name import NameManager
from . import attributes
from .compose import function
from .creation import var
from .symbol import Symbol, output_name

__all__ = ["cond", "foreach", "while_loop"]

_MARK = "__subgraph_name__"


class MisuseError(GraphError, AssertionError):
    """A loop's function breaks the rules; an AssertionError in MXNet."""


def _misuse(what: str) -> MisuseError:
    return MisuseError(message(what, where=[user_line()]))


# ---- nested lists -------------------------------------------------------------------------


def _flatten(args: Any, what: str) -> tuple[list[Symbol], Any]:
    """Single outputs in order, and the nesting: 0 a symbol, n a symbol of n outputs."""
    if isinstance(args, Symbol):
        return list(args), len(args) if len(args) > 1 else 0
    if not isinstance(args, (list, tuple)):
        raise _misuse(f"{what} must be (nested) list of Symbol, but got {type(args).__name__}")
    pairs = [_flatten(one, what) for one in args]
    return [one for flat, _ in pairs for one in flat], [nesting for _, nesting in pairs]


def _regroup(flat: Sequence[Symbol], nesting: Any) -> Any:
    rest = iter(flat)

    def build(inner: Any) -> Any:
        if isinstance(inner, int):
            return [next(rest) for _ in range(inner)] if inner else next(rest)
        return [build(one) for one in inner]

    return build(nesting)


# ---- cutting ------------------------------------------------------------------------------


def _scope_name(name: str) -> str:
    """``foreach0``; inside of another loop ``foreach0$foreach0``."""
    outer = AttrScope.current.get(None).get(_MARK, "")
    full = f"{outer}${name}" if outer else name
    counts = AttrScope._subgraph_names
    counts[full] += 1
    return f"{full}{counts[full] - 1}"


def _is_inside(node: Node, scope: str) -> bool:
    return node.attrs.get(_MARK) == scope


def _as_outputs(outputs: Sequence[Symbol], scope: str, taken: Sequence[str] = ()) -> list[Entry]:
    """The outputs of a graph: what is an input, comes from outside or is an output already is
    copied, so that inputs and outputs are different nodes."""
    inputs = {name for one in outputs for name in one.list_inputs()} | set(taken)
    found = []
    for one in outputs:
        if one.name in inputs or not _is_inside(one._node(), scope):
            one = function("_copy", "identity")(one)
        found.append(one._entries[0])
    return found


class _Body:
    """A graph cut out of what a function composed.

    ``graph`` is the graph; ``outside`` says for each of its variables which entry outside it
    stands for: None for ``own``, the new variables that the function was given.
    """

    def __init__(self, outputs: Sequence[Entry], scope: str, own: Sequence[Node]) -> None:
        self.own = list(own)
        stands_for: dict[Node, Entry] = {}
        new: dict[Entry, Entry] = {}

        def inside(node: Node) -> list[Entry]:
            return [entry for entry in node.inputs if _is_inside(entry.node, scope)]

        for node in topological((entry.node for entry in outputs), inside):
            inputs = []
            for entry in node.inputs:
                if entry not in new and not _is_inside(entry.node, scope):
                    made = variable(output_name(entry))
                    stands_for[made] = entry
                    new[entry] = Entry(made)
                inputs.append(new.get(entry, entry))
            copy = node.with_inputs(inputs)
            new.update(zip(node.outputs, copy.outputs, strict=True))
        self.graph = Graph(new[entry] for entry in outputs)
        for node in self.graph.variables:
            if node not in stands_for and node not in own:
                stands_for[node] = Entry(node)  # made inside, as a layer's weight: outside too
        self.outside = [stands_for.get(node) for node in self.graph.variables]

    def place_of(self, node: Node) -> int | None:
        """The number of a variable; None when the graph does not use it."""
        variables = self.graph.variables
        return variables.index(node) if node in variables else None


def _fresh(symbols: Sequence[Symbol]) -> list[Symbol]:
    """New variables in the place of *symbols*, for the function of a loop."""
    return [var(f"{one._entries[0].node.name}-{one._entries[0].index}") for one in symbols]


def _apply(op: Control, inputs: Sequence[Entry], params: dict[str, Any]) -> Symbol:
    """A node of control flow."""
    attrs = attributes.stored({**AttrScope.current.get(None), **_texts(op, inputs, params)})
    parsed = op.parse({key: value for key, value in attrs.items() if key in op.params})
    name = NameManager.current.get(None, op.name)
    node = Node(op.with_states(parsed), name, parsed, attrs, inputs, here())
    return Symbol(node.outputs)


def _texts(op: Control, inputs: Sequence[Entry], params: dict[str, Any]) -> dict[str, str]:
    return {key: str(v) for key, v in {"num_args": len(inputs) + len(op.bodies), **params}.items()}


# ---- foreach ------------------------------------------------------------------------------


def foreach(
    body: Callable[..., Any], data: Any, init_states: Any, name: str = "foreach"
) -> tuple[Any, Any]:
    """Call *body* on each slice of *data* along axis 0, handing states from one to the next.

    Parameters
    ----------
    body : callable
        ``(slice, states) -> (outputs, states)``; is called once, on symbols.
    data, init_states : Symbol or nested list of Symbol
        All of *data* have the same length.
    name : str
        The operator's name.

    Returns
    -------
    outputs : Symbol or nested list of Symbol
        Those of all calls, stacked along a new axis 0.
    states : Symbol or nested list of Symbol
        After the last call.

    Raises
    ------
    AssertionError
        *data* or a state is not used by *body*, states come out otherwise than they went in, or
        something is no Symbol.
    """
    flat_data, data_nesting = _flatten(data, "foreach input")
    flat_states, state_nesting = _flatten(init_states, "foreach states")
    scope = _scope_name(name)
    with AttrScope(**{_MARK: scope}):
        slices, states = _fresh(flat_data), _fresh(flat_states)
        given = _regroup(slices, data_nesting), _regroup(states, state_nesting)
        made_outputs, made_states = body(*given)
        outputs, nesting = _flatten(made_outputs, "foreach output")
        new_states, new_nesting = _flatten(made_states, "foreach loop_vars")
        if new_nesting != state_nesting:
            raise _misuse("The input and output loop_vars have different format")
        entries = _outputs_and_states(outputs, new_states, scope)
    cut = _Body(entries, scope, [one._node() for one in (*slices, *states)])
    places = [cut.place_of(node) for node in cut.own]
    if None in places:
        what = "data" if None in places[: len(slices)] else "state"
        raise _misuse(f"the {what} arrays have to be used in the loop body")
    others = [i for i, entry in enumerate(cut.outside) if entry is not None]
    inputs = [one._entries[0] for one in (*flat_data, *flat_states)]
    inputs += [entry for entry in cut.outside if entry is not None]
    result = _apply(
        Foreach([cut.graph]),
        inputs,
        {
            "num_outputs": len(entries),
            "num_out_data": len(outputs),
            "in_state_locs": places[len(slices) :],
            "in_data_locs": places[: len(slices)],
            "remain_locs": others,
        },
    )
    every = list(result)
    return _regroup(every[: len(outputs)], nesting), _regroup(every[len(outputs) :], state_nesting)


def _outputs_and_states(
    outputs: Sequence[Symbol], states: Sequence[Symbol], scope: str
) -> list[Entry]:
    """The outputs of a body; a state that is an output too is copied."""
    inputs = [name for one in (*outputs, *states) for name in one.list_inputs()]
    taken = [*inputs, *(str(one.name) for one in outputs)]
    return _as_outputs(outputs, scope, inputs) + _as_outputs(states, scope, taken)


# ---- while_loop ---------------------------------------------------------------------------


def while_loop(
    cond: Callable[..., Any],
    func: Callable[..., Any],
    loop_vars: Any,
    max_iterations: int | None = None,
    name: str = "while_loop",
) -> tuple[Any, Any]:
    """Call *func* while *cond* holds, at most *max_iterations* times.

    Parameters
    ----------
    cond : callable
        ``(*loop_vars) -> Symbol`` of one number.
    func : callable
        ``(*loop_vars) -> (outputs, loop_vars)``; each is called once, on symbols.
    loop_vars : Symbol or nested list of Symbol
    max_iterations : int
    name : str
        The operator's name.

    Returns
    -------
    outputs : Symbol or nested list of Symbol
        Stacked along a new axis 0 of length *max_iterations*; rows that were not reached are
        zeros.
    loop_vars : Symbol or nested list of Symbol
        After the last call.

    Raises
    ------
    ValueError
        *max_iterations* is missing, there are no loop variables, their number changes, one is not
        used by *func*, or *cond* gives no Symbol.
    """
    limit = whole_number(max_iterations, "max_iteration")
    if not isinstance(loop_vars, Symbol) and not len(loop_vars):
        raise ParameterError(message("loop_vars should contain at least one element"))
    flat, nesting = _flatten(loop_vars, "while loop_vars")
    single = not isinstance(nesting, list)
    test, _, _ = _traced(lambda *v: _condition(cond(*v)), flat, nesting, single, f"{name}_cond")
    body, count, shape = _traced(
        lambda *v: _step(func(*v), len(flat)), flat, nesting, single, f"{name}_func"
    )
    inputs = [one._entries[0] for one in flat]
    joined = [_joined(cut, inputs, loop=True) for cut in (test, body)]
    inputs, (test_places, body_places) = _in_order_of_use(inputs, joined)
    result = _apply(
        WhileLoop([test.graph, body.graph]),
        inputs,
        {
            "max_iterations": limit,
            "cond_input_locs": test_places,
            "func_input_locs": body_places,
            "func_var_locs": _places_of_variables(body),
            "num_out_data": count,
            "num_outputs": count + len(flat),
        },
    )
    made = list(result)
    return _regroup(made[:count], shape), _regroup(made[count:], nesting)


def _places_of_variables(body: _Body) -> list[int]:
    """Which input of the body each loop variable is."""
    places = []
    for number, node in enumerate(body.own, 1):
        place = body.place_of(node)
        if place is None:
            raise ParameterError(
                message(
                    f"The {number}-th loop_var doesn't involve into the computation",
                    where=[user_line()],
                    fix="Use it in func, or take it out of loop_vars.",
                )
            )
        places.append(place)
    return places


def whole_number(value: Any, what: str) -> int:
    """*value* as an int; ValueError when it is none."""
    if value is None:
        raise ParameterError(message("max_iterations should be specified", where=[user_line()]))
    try:
        return int(value.asscalar() if hasattr(value, "asscalar") else value)
    except (TypeError, ValueError):
        raise ParameterError(message(f"Cannot convert {what} to python int")) from None


def _condition(result: Any) -> tuple[list[Any], list[Symbol]]:
    if not isinstance(result, Symbol):
        raise ParameterError(message("Return of cond must be a Symbol", where=[user_line()]))
    return [], [result]


def _step(result: Any, count: int) -> tuple[Any, Any]:
    outputs, states = result
    outputs = [] if outputs is None else outputs
    states = [] if states is None else states
    if len(_flatten(states, "while loop_vars")[0]) != count:
        raise ParameterError(
            message(
                "The number of loop_vars should be consistent during the loop",
                where=[f"{count} go in", user_line()],
            )
        )
    return outputs, states


def _traced(
    function: Callable[..., Any], flat: Sequence[Symbol], nesting: Any, single: bool, name: str
) -> tuple[_Body, int, Any]:
    """The graph of a function of loop variables, its number of outputs, and their nesting."""
    scope = _scope_name(name)
    with AttrScope(**{_MARK: scope}):
        fresh = _fresh(flat)
        given = [_regroup(fresh, nesting)] if single else _regroup(fresh, nesting)
        made, states = function(*given)
        outputs, shape = _flatten(made, "while output")
        new_states, _ = _flatten(states, "while loop_vars")
        entries = _as_outputs([*outputs, *new_states], scope)
    return _Body(entries, scope, [one._node() for one in fresh]), len(outputs), shape


def _joined(cut: _Body, inputs: list[Entry], loop: bool) -> list[int]:
    """Where each variable of a graph is among the node's inputs, to which new ones are added.

    As in MXNet's files the graphs of a branch share inputs that are variables, those of a loop
    share only its own, which come first.
    """
    places = []
    for node, entry in zip(cut.graph.variables, cut.outside, strict=True):
        if entry is None:
            places.append(cut.own.index(node))
        elif entry.node.is_variable and not loop and entry in inputs:
            places.append(inputs.index(entry))
        else:
            inputs.append(entry)
            places.append(len(inputs) - 1)
    return places


def _in_order_of_use(
    inputs: Sequence[Entry], places: Sequence[Sequence[int]]
) -> tuple[list[Entry], list[list[int]]]:
    """The inputs in the order in which the graphs need them, without those that none needs."""
    used = list(dict.fromkeys(place for some in places for place in some))
    new = {place: number for number, place in enumerate(used)}
    return [inputs[place] for place in used], [[new[place] for place in some] for some in places]


# ---- cond ---------------------------------------------------------------------------------


def cond(
    pred: Symbol, then_func: Callable[[], Any], else_func: Callable[[], Any], name: str = "cond"
) -> Any:
    """What *then_func* computes where *pred* is not zero, else what *else_func* does.

    Parameters
    ----------
    pred : Symbol
        One number.
    then_func, else_func : callable
        Without arguments; both are called once, and give as many outputs of the same shapes.
    name : str
        The operator's name.

    Returns
    -------
    Symbol or nested list of Symbol
        Nested as *then_func* gives them.

    Raises
    ------
    ValueError
        *pred* has several outputs, or the branches differ in number of outputs.
    """
    tests, _ = _flatten(pred, "cond pred")
    if len(tests) != 1:
        raise ParameterError(message("pred should always be a single output", where=[user_line()]))
    branches = {"pred": lambda: pred, "then": then_func, "else": else_func}
    parts = [
        _traced(partial(_without_states, made), (), [], False, f"{name}_{title}")
        for title, made in branches.items()
    ]
    count, nesting = parts[1][1:]
    if count != parts[2][1]:
        raise ParameterError(
            message(
                "Number of outputs differs between then-branch and else-branch",
                where=[f"{count} and {parts[2][1]}", user_line()],
            )
        )
    inputs: list[Entry] = []
    places = [_joined(cut, inputs, loop=False) for cut, _, _ in parts]
    result = _apply(
        Cond([cut.graph for cut, _, _ in parts]),
        inputs,
        {
            "cond_input_locs": places[0],
            "then_input_locs": places[1],
            "else_input_locs": places[2],
            "num_outputs": count,
        },
    )
    return _regroup(list(result), nesting)


def _without_states(function: Callable[[], Any]) -> tuple[Any, list[Any]]:
    return function(), []
