"""``Symbol.bind`` and ``simple_bind``: from what users pass to an Executor's arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..backend import activate
from ..context import Context
from ..error import ContextError, GraphError, ParameterError, message, user_line
from ..executor import Executor
from ..graph.infer import unknown_variables
from ..graph.ir import Entry, Node, Types
from ..graph.place import device_of
from ..graph.storage import gradient_stypes, infer_storage, is_dense
from ..ndarray.core import NDArray
from ..ndarray.sparse_array import any_sparse
from .arrays import Kind, Maker
from .eager import EagerExecutor
from .inference import types_of
from .placed import PlacedExecutor
from .symbol import Symbol

__all__ = ["bind", "simple_bind"]

REQUESTS = ("write", "add", "null")


class _NoArrays(GraphError, TypeError):
    """What bind was given is of another kind; a TypeError, as in MXNet."""


# ---- binding ----------------------------------------------------------------------------------


class Sharing(NamedTuple):
    """Where ``simple_bind`` takes arrays from; see :class:`workbench.symbol.arrays.Maker`."""

    executor: Executor | None = None
    names: Sequence[str] | None = None
    buffer: dict[str, NDArray] | None = None


def bind(
    symbol: Symbol,
    ctx: Context,
    args: Any,
    args_grad: Any,
    grad_req: Any,
    aux_states: Any,
    groups: Mapping[str, Context] | None = None,
) -> Executor:
    """An Executor over arrays that the caller has; what ``Symbol.bind`` does."""
    if not isinstance(ctx, Context):
        raise _NoArrays(
            message(
                f"Context type error: bind needs a Context, got {type(ctx).__name__}",
                where=[user_line()],
                fix="Begin with a device: bind(mx.cpu(), args).",
            )
        )
    _check_names(symbol)
    names, aux_names = symbol.list_arguments(), symbol.list_auxiliary_states()
    arrays = _in_order(args, names, "args")
    states = _in_order({} if aux_states is None else aux_states, aux_names, "aux_states")
    grads = _in_order({} if args_grad is None else args_grad, names, "args_grad", partial=True)
    requests = _requests(grad_req, names)
    for i, grad in enumerate(grads):
        if grad is None:
            requests[i] = "null"
    activate(ctx)
    if not groups:
        _check_devices(ctx, [*names, *aux_names], [*arrays, *states])
    types = _types(symbol, [*arrays, *states])
    return _executor(symbol, ctx, types, arrays, grads, requests, states, groups)


def _executor(
    symbol: Symbol,
    ctx: Context,
    types: Types,
    arrays: Sequence[NDArray],
    grads: Sequence[NDArray | None],
    requests: Sequence[str],
    states: Sequence[NDArray],
    groups: Mapping[str, Context] | None,
) -> Executor:
    """An executor of the class for this graph, these arrays, these devices."""
    kind = PlacedExecutor if groups else _kind(symbol, [*arrays, *states], grads)
    made = kind(symbol, ctx, types, arrays, grads, requests, states)
    if isinstance(made, PlacedExecutor):
        made.groups = {name: activate(one) for name, one in (groups or {}).items()}
    return made


def _kind(symbol: Symbol, arrays: Sequence[NDArray], grads: Sequence[Any]) -> type[Executor]:
    """The class that serves this graph, and arguments and states of these storage types."""
    names = [*symbol.list_arguments(), *symbol.list_auxiliary_states()]
    stypes = {name: one.stype for name, one in zip(names, arrays, strict=True)}
    given = {node: stypes[node.name] for node in symbol._graph.variables}
    dense = not any_sparse(grads) and is_dense(symbol._graph, given)
    return Executor if dense and not symbol._graph.is_dynamic else EagerExecutor


def _check_devices(ctx: Context, names: Sequence[str], arrays: Sequence[NDArray]) -> None:
    """Arrays of another kind of device cannot be read by the kernels of *ctx*."""
    for name, one in zip(names, arrays, strict=True):
        if one._ctx.backend is not ctx.backend:
            raise ContextError(
                message(
                    f"bind: {name} is on {one.context}, the executor on {ctx}",
                    where=[user_line()],
                    fix=f"Move it: {name}.as_in_context({_spelled(ctx)}).",
                )
            )


def _spelled(ctx: Context) -> str:
    return f"mx.{ctx.device_type}({ctx.device_id})"


def _check_names(symbol: Symbol) -> None:
    """Two variables of one name cannot be told apart by who passes arrays."""
    seen: dict[str, Node] = {}
    for node in symbol._graph.variables:
        if node.name in seen:
            raise GraphError(
                message(
                    f"bind: two different variables are called {node.name!r}",
                    where=[seen[node.name].where.line, node.where.line],
                    fix="Make one variable and use it twice, or give the second another name.",
                )
            )
        seen[node.name] = node


def _in_order(given: Any, names: Sequence[str], what: str, partial: bool = False) -> list[Any]:
    """Arrays in the order of *names* from a list or a dict; with *partial* some may be None."""
    if isinstance(given, Mapping):
        found = []
        for name in names:
            if name not in given and not partial:
                raise GraphError(
                    message(
                        f"key `{name}` is missing in `{what}`",
                        where=[f"given: {', '.join(map(str, given)) or 'nothing'}", user_line()],
                        fix="Give an array for each name of list_arguments() and "
                        "list_auxiliary_states(), or let simple_bind make them.",
                    )
                )
            found.append(given.get(name))
    elif isinstance(given, (list, tuple)):
        if len(given) != len(names) and not (partial and not given):
            raise GraphError(
                message(
                    f"Length of {what} does not match the number of arguments",
                    where=[f"{len(given)} given for {', '.join(names) or 'none'}", user_line()],
                    fix="Give one array for each name, in this order, or a dict.",
                )
            )
        found = list(given) or [None] * len(names)
    else:
        raise _NoArrays(
            message(
                "Only accept list of NDArrays or dict of str to NDArray",
                where=[f"{what} is {type(given).__name__}", user_line()],
            )
        )
    for name, one in zip(names, found, strict=True):
        if not (isinstance(one, NDArray) or (one is None and partial)):
            raise _NoArrays(
                message(
                    "Only accept list of NDArrays or dict of str to NDArray",
                    where=[f"{name} in {what} is {type(one).__name__}", user_line()],
                    fix="Wrap it: mx.nd.array(...).",
                )
            )
    return found


def _requests(grad_req: Any, names: Sequence[str]) -> list[str]:
    """One request per argument from a text, a list or a dict (left out: null)."""
    if isinstance(grad_req, str):
        requests = [grad_req] * len(names)
    elif isinstance(grad_req, Mapping):
        requests = [grad_req.get(name, "null") for name in names]
    else:
        requests = list(grad_req)
    if len(requests) != len(names):
        raise ParameterError(
            message(
                f"grad_req: {len(requests)} requests for {len(names)} arguments",
                where=[user_line()],
                fix="Give one text for all, a list as long as list_arguments(), or a dict.",
            )
        )
    for request in requests:
        if request not in REQUESTS:
            raise ParameterError(
                message(
                    f"grad_req must be 'write', 'add' or 'null', got {request!r}",
                    where=[user_line()],
                )
            )
    return requests


def _types(symbol: Symbol, arrays: Sequence[NDArray]) -> Types:
    names = [*symbol.list_arguments(), *symbol.list_auxiliary_states()]
    shapes = {name: one.shape for name, one in zip(names, arrays, strict=True)}
    dtypes = {name: one.dtype for name, one in zip(names, arrays, strict=True)}
    return types_of(symbol._graph, shapes, dtypes)


def simple_bind(
    symbol: Symbol,
    ctx: Context,
    grad_req: Any,
    type_dict: Mapping[str, Any] | None,
    stype_dict: Mapping[str, str] | None,
    sharing: Sharing,
    groups: Mapping[str, Context] | None,
    shapes: Mapping[str, Any],
) -> Executor:
    """An Executor over new arrays of zeros; what ``Symbol.simple_bind`` does."""
    _check_names(symbol)
    activate(ctx)
    graph = symbol._graph
    known = {k: (v,) if isinstance(v, int) else tuple(v) for k, v in shapes.items()}
    types = types_of(graph, known, dict(type_dict or {}))
    missing = unknown_variables(graph, types)
    if missing:
        lacking = ", ".join(f"{node.name}: {types[Entry(node)].shape}" for node in missing)
        raise GraphError(
            message(
                "simple_bind: InferShape pass cannot decide shapes for the following arguments "
                f"(0 means unknown): {lacking}",
                where=[f"given: {dict(known)}", user_line()],
                fix="Give the shape of the data: simple_bind(ctx, data=(64, 784)).",
            )
        )

    names = symbol.list_arguments()
    requests = _requests(grad_req, names)
    stypes = infer_storage(graph, _declared_storage(graph.variables, dict(stype_dict or {})))
    places = {n.name: device_of(n, groups or {}, ctx) for n in graph.variables}
    maker = Maker(lambda name: places[name], sharing.executor, known, *sharing[1:])

    def kind(node: Node) -> Kind:
        shape, dtype = types[Entry(node)]
        return Kind(shape, dtype or "float32", stypes[Entry(node)])

    arguments = [maker.argument(node.name, kind(node)) for node in graph.arguments]
    states = [maker.state(node.name, kind(node)) for node in graph.auxiliary]
    kinds = gradient_stypes(graph, stypes, graph.arguments)
    grads = [
        None if request == "null" else maker.gradient(node.name, kind(node)._replace(stype=stype))
        for node, request, stype in zip(graph.arguments, requests, kinds, strict=True)
    ]
    full = _types(symbol, [*arguments, *states])
    return _executor(symbol, ctx, full, arguments, grads, requests, states, groups)


def _declared_storage(variables: Sequence[Node], given: Mapping[str, str]) -> dict[Node, str]:
    """The storage types that variables declare, or that *given* names."""
    numbers = {"1": "row_sparse", "2": "csr"}
    return {
        node: given.get(node.name) or numbers.get(node.attrs.get("__storage_type__", ""), "default")
        for node in variables
    }
