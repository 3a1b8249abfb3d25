"""A bound graph: arrays for its inputs, plans that run it, and arrays for the gradients."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .base import MXNetError
from .context import Context
from .dtypes import as_dtype
from .error import GraphError, ParameterError, ShapeError, message, user_line
from .graph.infer import unknown_variables
from .graph.ir import Entry, Graph, Types
from .graph.plan import Plan, Saved, make_plan
from .ndarray.core import NDArray, wrap
from .ndarray.creation import array, zeros
from .symbol.inference import types_of
from .symbol.symbol import Symbol, output_name

__all__ = ["Executor", "store"]


class _UnknownArgument(GraphError, TypeError):
    """A keyword of forward that is no argument; a TypeError, as in MXNet."""


class Executor:
    """A graph bound to arrays; made by ``Symbol.bind`` and ``Symbol.simple_bind``.

    Attributes
    ----------
    arg_arrays, grad_arrays, aux_arrays : list of NDArray
        In the order of ``list_arguments()`` and ``list_auxiliary_states()``; None where no
        gradient is wanted.
    arg_dict, grad_dict, aux_dict, output_dict : dict of str to NDArray
    outputs : list of NDArray
        Of the last forward; the same arrays each time, with new values.
    """

    def __init__(
        self,
        symbol: Symbol,
        ctx: Context,
        types: Types,
        args: Sequence[NDArray],
        grads: Sequence[NDArray | None],
        requests: Sequence[str],
        aux: Sequence[NDArray],
    ) -> None:
        self._symbol, self._ctx, self._types = symbol, ctx, types
        self.arg_arrays, self.grad_arrays = list(args), list(grads)
        self.aux_arrays, self._requests = list(aux), list(requests)
        self._arg_names = symbol.list_arguments()
        self._aux_names = symbol.list_auxiliary_states()
        graph = symbol._graph
        by_name = {
            **dict(zip(self._arg_names, args, strict=True)),
            **dict(zip(self._aux_names, aux, strict=True)),
        }
        self._inputs = [by_name[node.name] for node in graph.variables]
        self._wanted = [
            node
            for node, request in zip(graph.arguments, requests, strict=True)
            if request != "null"
        ]
        self._plans: dict[tuple[bool, bool, int], Plan] = {}
        self._lock = threading.Lock()
        self._outputs: list[NDArray] | None = None
        self._saved: tuple[Plan, Saved] | None = None
        self._monitor: Any = None
        #: what a monitor sees, and under which names
        self._shown: list[Entry] = []
        self._shown_names: list[bytes] = []

    # ---- arrays by name -------------------------------------------------------------------

    @property
    def arg_dict(self) -> dict[str, NDArray]:
        """The arguments by name."""
        return dict(zip(self._arg_names, self.arg_arrays, strict=True))

    @property
    def grad_dict(self) -> dict[str, NDArray | None]:
        """The gradients by name of their argument; None where none is wanted."""
        return dict(zip(self._arg_names, self.grad_arrays, strict=True))

    @property
    def aux_dict(self) -> dict[str, NDArray]:
        """The auxiliary states by name."""
        return dict(zip(self._aux_names, self.aux_arrays, strict=True))

    @property
    def outputs(self) -> list[NDArray]:
        """The outputs of the last forward, in the same arrays each time; zeros before the first."""
        if self._outputs is None:
            self._outputs = [
                zeros(t.shape, ctx=self._ctx, dtype=t.dtype or "float32")
                for t in (self._types[entry] for entry in self._symbol._entries)
            ]
        return list(self._outputs)

    def _keep(self, made: Sequence[NDArray]) -> None:
        """Let the arrays that stand for the outputs hold what a forward made."""
        if self._outputs is None:
            self._outputs = list(made)
            return
        for number, (held, new) in enumerate(zip(self._outputs, made, strict=True)):
            if held.stype == new.stype == "default" and held.shape == new.shape:
                held._data, held._var = new._data, new._var
                held.__class__ = new.__class__
            else:
                self._outputs[number] = new

    @property
    def output_dict(self) -> dict[str, NDArray]:
        """The outputs by name."""
        return dict(zip(self._symbol.list_outputs(), self.outputs, strict=True))

    # ---- running --------------------------------------------------------------------------

    def _plan(self, train: bool, gradients: bool) -> Plan:
        shown = len(self._shown)
        key = (train, gradients, shown)
        with self._lock:
            if key not in self._plans:
                self._plans[key] = make_plan(
                    Graph([*self._symbol._entries, *self._shown]),
                    self._types,
                    self._ctx,
                    train=train,
                    wanted=self._wanted if gradients else (),
                    passes="none" if shown else None,  # whoever watches wants to see every node
                    heads=len(self._symbol),
                    watch=bool(shown),
                )
            return self._plans[key]

    def forward(self, is_train: bool = False, **kwargs: Any) -> list[NDArray]:
        """Compute the outputs.

        Parameters
        ----------
        is_train : bool
            Training mode; also keeps what :meth:`backward` needs.
        **kwargs : NDArray or numpy.ndarray
            New values for arguments, copied into them.
        """
        if kwargs:
            self._assign(kwargs)
        self._saved = None  # what the last forward kept may serve this one
        plan = self._plan(bool(is_train), bool(is_train) and bool(self._wanted))
        if plan.draws and self._wanted:  # backward must see the numbers that are drawn now
            plan = self._plan(bool(is_train), True)
        raws, saved = plan.forward(self._raw_inputs())
        self._saved = None if saved is None else (plan, saved)
        self._last_train = bool(is_train)
        arrays = [wrap(raw, self._ctx) for raw in raws]
        self._keep(arrays[: len(self._symbol)])
        for name, one in zip(self._shown_names, arrays[len(self._symbol) :], strict=True):
            self._monitor(name, one)
        return self.outputs

    _last_train = False

    def _raw_inputs(self) -> list[Any]:
        for one in self._inputs:
            if one._var is not None:
                one.wait_to_read()
        return [one._data for one in self._inputs]

    def _assign(self, given: Mapping[str, Any]) -> None:
        arguments = self.arg_dict
        for name, value in given.items():
            if not isinstance(value, (NDArray, np.ndarray)):
                raise ParameterError(
                    message(
                        "only accept keyword argument of NDArrays and numpy.ndarray",
                        where=[f"{name} is {type(value).__name__}", user_line()],
                    )
                )
            if name not in arguments:
                raise _UnknownArgument(
                    message(
                        f"Unknown argument {name}",
                        where=[f"arguments: {', '.join(arguments)}", user_line()],
                        fix="Use one of these names.",
                    )
                )
            if arguments[name].shape != value.shape:
                raise ShapeError(
                    message(
                        f"Shape not match! Argument {name}, need: {arguments[name].shape}, "
                        f"received: {value.shape}",
                        where=[user_line()],
                        fix="Bind anew for another shape, or call executor.reshape().",
                    )
                )
            arguments[name][:] = value

    def backward(self, out_grads: Any = None, is_train: bool = True) -> None:
        """Compute the gradients of the last forward, and write or add them as requested.

        Parameters
        ----------
        out_grads : NDArray, list or dict of NDArray, optional
            Gradient with respect to each output. May be left out when every output is a loss.
        is_train : bool
            Kept for MXNet's signature.
        """
        if not self._wanted:
            return
        if self._saved is None:  # after forward(is_train=False): once more, keeping what is needed
            plan = self._plan(self._last_train, True)
            _, saved = plan.forward(self._raw_inputs())
            assert saved is not None
        else:
            plan, saved = self._saved
        heads = self._heads(out_grads, plan)
        for state in self.aux_arrays:  # moving averages are updated now
            if state._var is not None:
                state.wait_to_write()
        grads = iter(plan.backward(saved, heads))
        for target, request in zip(self.grad_arrays, self._requests, strict=True):
            if request != "null" and target is not None:
                store(target, next(grads), request)
        for name, raw in zip(plan.watched, grads, strict=False):
            self._monitor(name.encode(), wrap(raw, self._ctx))

    def _given_heads(self, out_grads: Any) -> list[Any]:
        """What the caller gave for each output, None where nothing."""
        count = len(self._symbol)
        if isinstance(out_grads, NDArray):
            out_grads = [out_grads]
        elif isinstance(out_grads, Mapping):
            out_grads = [out_grads[name] for name in self._symbol.list_outputs()]
        given = [None] * count if out_grads is None else list(out_grads)
        if len(given) < count:
            raise MXNetError(
                message(
                    f"backward: {len(given)} gradients for {count} outputs",
                    where=[user_line()],
                    fix="Give one gradient for each output.",
                )
            )
        return given[:count]  # MXNet takes more than there are outputs

    def _heads(self, out_grads: Any, plan: Plan) -> list[Any]:
        used = set(plan.graph.variables)
        heads: list[Any] = []
        for i, one in enumerate(self._given_heads(out_grads)):
            if plan.heads[i] not in used:  # the gradient is zero whatever comes from above
                heads.append(None)
                continue
            if one is None:
                raise MXNetError(
                    message(
                        f"backward: output {self._symbol.list_outputs()[i]} is no loss, so its "
                        "gradient is needed",
                        where=[user_line()],
                        fix="Call backward(out_grads) with an array like each output.",
                    )
                )
            heads.append(self._head(i, one))
        return heads

    def _head(self, number: int, given: Any) -> Any:
        if not isinstance(given, NDArray):
            raise TypeError(f"out_grads: expected NDArray, got {type(given).__name__}")
        expected = self._types[self._symbol._entries[number]]
        if given.shape != expected.shape:
            raise ShapeError(
                message(
                    f"backward: Shape inconsistent, output {number} is {expected.shape}, its "
                    f"gradient {given.shape}",
                    where=[user_line()],
                    fix="Give a gradient of the output's own shape.",
                )
            )
        if given._var is not None:
            given.wait_to_read()
        if expected.dtype in ("float16", "float32", "float64"):
            return given._data.astype(expected.dtype, copy=False)
        return given._data

    # ---- watching -------------------------------------------------------------------------

    def set_monitor_callback(self, callback: Any, monitor_all: bool = False) -> None:
        """Call ``callback(name, array)`` for every output of every node in each forward.

        With *monitor_all* also for the arguments, and for every input of a node under the name
        ``NODE_data``. Backwards give ``NODE_backward_output``. Names are bytes: MXNet hands on
        what its C library gives, and callbacks decode it (``mx.base.py_str``).
        """
        self._monitor = callback
        shown = [] if callback is None else list(_watched(self._symbol._graph, monitor_all))
        self._shown = [entry for _, entry in shown]
        self._shown_names = [name.encode() for name, _ in shown]

    def debug_str(self) -> str:
        """The compiled graph as text, and how much memory its intermediate values take."""
        from .graph.text import print_graph

        plan = self._plan(True, bool(self._wanted))
        text = print_graph(plan.graph, plan.types)
        return f"{text}\nTotal {plan.buffer_bytes >> 20} MB allocated"

    def get_optimized_symbol(self) -> Symbol:
        """What is computed in prediction mode, after all passes, as a Symbol."""
        return Symbol(self._plan(False, False).graph.outputs)

    # ---- other shapes, other values ---------------------------------------------------------

    def copy_params_from(
        self,
        arg_params: Mapping[str, NDArray],
        aux_params: Mapping[str, NDArray] | None = None,
        allow_extra_params: bool = False,
    ) -> None:
        """Copy values into arguments and auxiliary states by name.

        Raises ValueError for a name that is not there unless *allow_extra_params*.
        """
        both = (
            (arg_params, self.arg_dict, "arguments", '"{}"'),
            (aux_params or {}, self.aux_dict, "auxiliary states", "{}"),
        )
        for given, targets, what, quoted in both:
            for name, value in given.items():
                if name in targets:
                    _copy_into(name, targets[name], value)
                elif not allow_extra_params:
                    raise GraphError(
                        message(
                            f"Find name {quoted.format(name)} that is not in the {what}",
                            where=[f"there are {', '.join(targets)}", user_line()],
                            fix="Set allow_extra_params=True to leave it out.",
                        )
                    )

    def reshape(
        self, partial_shaping: bool = False, allow_up_sizing: bool = False, **kwargs: Any
    ) -> Executor:
        """A new executor for other input shapes, over the same memory where that is possible.

        Parameters
        ----------
        partial_shaping : bool
            Allow arguments that are not named in *kwargs* to change their shape.
        allow_up_sizing : bool
            Allow new arrays where the old ones are too small.
        **kwargs : tuple of int
            New shapes by name.
        """
        arrays = {**self.arg_dict, **self.aux_dict}
        for name in kwargs:
            if name not in arrays:
                raise MXNetError(
                    message(
                        f"reshape: there is no argument {name!r}",
                        where=[", ".join(arrays)],
                    )
                )
        types = self._types_at(kwargs, arrays)
        shapes = {node.name: types[Entry(node)].shape for node in self._symbol._graph.variables}

        def fitted(name: str, old: NDArray) -> NDArray:
            shape = shapes[name]
            assert shape is not None
            if shape != old.shape and name not in kwargs and not partial_shaping:
                raise MXNetError(_unspecified(name))
            return _resized(name, old, shape, allow_up_sizing)

        return type(self)(
            self._symbol,
            self._ctx,
            types,
            [fitted(name, one) for name, one in self.arg_dict.items()],
            [one if one is None else fitted(name, one) for name, one in self.grad_dict.items()],
            self._requests,
            [fitted(name, one) for name, one in self.aux_dict.items()],
        )

    def _types_at(self, shapes: Mapping[str, Any], arrays: Mapping[str, NDArray]) -> Types:
        """The types at other shapes; what does not follow from them stays as it is bound."""
        graph = self._symbol._graph
        dtypes = {name: one.dtype for name, one in arrays.items()}
        types = types_of(graph, shapes, dtypes)
        open_ = unknown_variables(graph, types)
        if open_:
            kept = {node.name: arrays[node.name].shape for node in open_}
            types = types_of(graph, {**kept, **shapes}, dtypes)
        return types


def _watched(graph: Graph, inputs: bool) -> Iterator[tuple[str, Entry]]:
    """Names and entries that a monitor sees, in MXNet's order."""
    for node in graph.nodes:
        if node.is_variable:
            continue
        names = node.input_names()
        for name, entry in zip(names, node.inputs, strict=True) if inputs else ():
            if entry.node.is_variable:
                yield entry.node.name, entry
            yield f"{node.name}_{name if len(names) > 1 else 'input0'}", entry
        for entry in node.outputs[: node.num_visible]:
            yield output_name(entry), entry


def _unspecified(name: str) -> str:
    return message(
        f"reshape: Shape of unspecified arg: {name} changed. The new executor would not share "
        "parameters with the old one",
        fix="Set partial_shaping=True if this is intended.",
    )


def _resized(name: str, old: NDArray, shape: tuple[int, ...], allow_up: bool) -> NDArray:
    """An array of another shape in the same memory, or a new one."""
    if old.shape == shape:
        return old
    size = int(np.prod(shape))
    if size <= old.size and old.stype == "default":
        old.wait_to_read()
        return wrap(old._data.reshape(-1)[:size].reshape(shape), old._ctx)
    if size > old.size and not allow_up:
        raise MXNetError(
            message(
                f"reshape: New shape of arg: {name} is larger than original",
                where=[f"{old.shape} to {shape}"],
                fix="Bind the largest shape first, or set allow_up_sizing=True.",
            )
        )
    return zeros(shape, ctx=old._ctx, dtype=old.dtype, stype=old.stype)


def _copy_into(name: str, target: NDArray, value: Any) -> None:
    if target.shape != value.shape:
        raise ShapeError(
            message(
                f"copy_params_from: {name} is {target.shape}, got {value.shape}",
                fix="Load the parameters of this very network.",
            )
        )
    target[:] = value.astype(as_dtype(target.dtype)) if isinstance(value, NDArray) else array(value)


def store(target: NDArray, raw: Any, request: str) -> None:
    """Write or add a gradient; None is zero everywhere."""
    if target._var is not None:
        target.wait_to_write()
    if request == "add":
        if raw is not None:
            target._data += raw
    else:
        target._data[...] = 0 if raw is None else raw
