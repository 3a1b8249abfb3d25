"""Symbol: some outputs of a graph, with the operators and methods of MXNet's ``mx.sym.Symbol``.

A Symbol is a list of entries of :mod:`workbench.graph` and nothing else. Composing makes nodes;
nothing is computed before :meth:`Symbol.bind`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .._surface import getattr_for
from ..base import NotImplementedForSymbol
from ..error import GraphError, MXNetError, ParameterError, StorageError, message
from ..graph.ir import Entry, Graph, Node, topological, variable
from . import attributes, inference
from .operators import Operators

__all__ = ["Symbol"]

__getattr__ = getattr_for(__name__)


class Symbol(Operators):
    """One or several outputs of a symbolic graph.

    Made by ``mx.sym.Variable``, by the functions of ``mx.sym``, by operators on symbols and by
    ``mx.sym.load``. A Symbol with several outputs iterates over them.
    """

    __slots__ = ("__weakref__", "_entries")

    __array_priority__ = 1000.0
    __hash__ = None  # type: ignore[assignment]  # ``==`` builds a node

    _entries: tuple[Entry, ...]

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries = tuple(entries)

    @property
    def _graph(self) -> Graph:
        return Graph(self._entries)

    # ---- what it is -----------------------------------------------------------------------

    @property
    def name(self) -> str | None:
        """The name of the node; None for a group of several."""
        nodes = {entry.node for entry in self._entries}
        return next(iter(nodes)).name if len(nodes) == 1 else None

    def __repr__(self) -> str:
        name = self.name
        if name is None:
            return f"<{type(self).__name__} group [{', '.join(str(s.name) for s in self)}]>"
        return f"<{type(self).__name__} {name}>"

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Symbol]:
        return (type(self)([entry]) for entry in self._entries)

    def __bool__(self) -> bool:
        raise NotImplementedForSymbol(self.__bool__, "bool")

    def __getitem__(self, index: int | str | slice) -> Symbol:
        """An output by number, by its name (``"fc1_output"``), or several by a slice."""
        if isinstance(index, str):
            found = [i for i, name in enumerate(self.list_outputs()) if name == index]
            if not found:
                raise ParameterError(f'Cannot find output that matches name "{index}"')
            if len(found) > 1:
                raise ParameterError(f'There are multiple outputs with name "{index}"')
            return type(self)([self._entries[found[0]]])
        if isinstance(index, slice):
            return type(self)(self._entries[index])
        if not isinstance(index, int):
            raise TypeError(f"Symbol only supports integer index to fetch i-th output: {index!r}")
        if not 0 <= index < len(self._entries):
            raise IndexError(f"output {index} of {self!r}, which has {len(self)}")
        return type(self)([self._entries[index]])

    def __getattr__(self, name: str) -> Any:
        if name in ("shape", "dtype", "context", "ctx", "size", "ndim", "grad", "stype"):
            raise AttributeError(f"'Symbol' object has no attribute {name!r}: it has no values yet")
        from .fluent import method_of

        return method_of(type(self), name).__get__(self)

    # ---- listing --------------------------------------------------------------------------

    def list_arguments(self) -> list[str]:
        """The names of the inputs that are not auxiliary states, in order of use."""
        return [node.name for node in self._graph.arguments]

    def list_auxiliary_states(self) -> list[str]:
        """The names of the inputs that operators update: moving averages of BatchNorm."""
        return [node.name for node in self._graph.auxiliary]

    def list_inputs(self) -> list[str]:
        """The names of all inputs, arguments and auxiliary states, in order of use."""
        return [node.name for node in self._graph.variables]

    def list_outputs(self) -> list[str]:
        """The names of the outputs: ``fc1_output``, ``split0_output1``, or a variable's name."""
        return [output_name(entry) for entry in self._entries]

    @property
    def num_outputs(self) -> int:
        """How many outputs there are."""
        return len(self._entries)

    def get_internals(self) -> Symbol:
        """A Symbol of every visible output of every node."""
        nodes = self._graph.nodes
        return type(self)(e for node in nodes for e in node.outputs[: node.num_visible])

    def get_children(self) -> Symbol | None:
        """A Symbol of what the node reads; None for a variable."""
        nodes = dict.fromkeys(entry.node for entry in self._entries)
        inputs = [entry for node in nodes for entry in node.inputs]
        return type(self)(inputs) if inputs else None

    def debug_str(self) -> str:
        """All nodes as text."""
        from ..graph.text import print_graph

        return print_graph(self._graph)

    # ---- attributes -----------------------------------------------------------------------

    def _node(self) -> Node:
        nodes = dict.fromkeys(entry.node for entry in self._entries)
        if len(nodes) != 1:
            raise MXNetError(
                message(
                    "a group of symbols has no attributes of its own",
                    fix="Take one of its outputs: symbol[0].",
                )
            )
        return next(iter(nodes))

    def attr(self, key: str) -> str | None:
        """The text of an attribute or parameter; None when it was not given."""
        return attributes.get(self._node(), key)

    def list_attr(self, recursive: bool = False) -> dict[str, str]:
        """All attributes and parameters of the node that were given, as text."""
        if recursive:
            raise DeprecationWarning(
                "Symbol.list_attr with recursive=True has been deprecated. "
                "Please use attr_dict instead."
            )
        if self.name is None:
            return {}
        return attributes.listed(self._node())

    def attr_dict(self) -> dict[str, dict[str, str]]:
        """The attributes of every node that has any, by name."""
        return {node.name: attributes.listed(node) for node in self._graph.nodes if node.attrs}

    def _set_attr(self, **kwargs: str) -> None:
        """Attach attributes to the node; their names are ``__like_this__`` or MXNet's own."""
        attributes.put(self._node(), kwargs)

    # ---- composition ----------------------------------------------------------------------

    def __call__(self, *args: Symbol, **kwargs: Any) -> Symbol:
        """This graph with other symbols in the place of variables: ``net(data=other)``."""
        name = kwargs.pop("name", None)
        if args and kwargs:
            raise TypeError(
                "compose only accept input Symbols either as positional or keyword arguments, "
                "not both"
            )
        if not all(isinstance(one, Symbol) for one in (*args, *kwargs.values())):
            raise TypeError("Compose expect `Symbol` as arguments")
        if args:
            raise MXNetError(
                message(
                    f"{self!r}: composition takes its inputs by name",
                    fix=f"Call it as net({self.list_inputs()[0]}=...).",
                )
            )
        return self._composed(kwargs, name)

    def _composed(self, given: dict[str, Symbol], name: str | None) -> Symbol:
        inputs = self.list_inputs()
        for key, value in given.items():
            if key not in inputs:
                raise GraphError(
                    message(
                        f"composition: argument name {key} not found",
                        where=[f"candidates: {', '.join(inputs)}"],
                    )
                )
            if len(value) != 1:
                raise GraphError(
                    message(
                        f"composition: {key} got a symbol of {len(value)} outputs",
                        fix="Take one of them: symbol[0].",
                    )
                )
        new: dict[Entry, Entry] = {}
        heads = {entry.node for entry in self._entries}
        for node in self._graph.nodes:
            if node.is_variable and node.name in given:
                new[Entry(node)] = given[node.name]._entries[0]
                continue
            made = copied(node, [new[entry] for entry in node.inputs])
            if name is not None and node in heads:
                made.name = name
            new.update(zip(node.outputs, made.outputs, strict=True))
        return type(self)(new[entry] for entry in self._entries)

    def __copy__(self) -> Symbol:
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: Any) -> Symbol:
        new: dict[Entry, Entry] = {}
        for node in topological(entry.node for entry in self._entries):
            made = copied(node, [new[entry] for entry in node.inputs])
            new.update(zip(node.outputs, made.outputs, strict=True))
        return type(self)(new[entry] for entry in self._entries)

    def __getstate__(self) -> dict[str, Any]:
        return {"handle": self.tojson() if self._entries else None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        from .json import from_json

        text = state["handle"]
        self._entries = () if text is None else from_json(text).outputs

    # ---- inference ------------------------------------------------------------------------

    def infer_shape(self, *args: Any, **kwargs: Any) -> inference.Result:
        """Shapes of arguments, outputs and auxiliary states from those that are known.

        Give shapes by position (in the order of :meth:`list_arguments`) or by name. Returns three
        lists of tuples, or ``(None, None, None)`` with a warning when something stays unknown.

        Raises
        ------
        ShapeError
            When the shapes contradict each other.
        """
        return inference.infer_shape(self, args, kwargs)

    def infer_shape_partial(self, *args: Any, **kwargs: Any) -> inference.Result:
        """Like :meth:`infer_shape`, but what stays unknown is ``()`` or a 0 in a shape."""
        return inference.infer_shape(self, args, kwargs, partial=True)

    def infer_type(self, *args: Any, **kwargs: Any) -> inference.Result:
        """Dtypes of arguments, outputs and auxiliary states from those that are known."""
        return inference.infer_type(self, args, kwargs)

    def infer_type_partial(self, *args: Any, **kwargs: Any) -> inference.Result:
        """Like :meth:`infer_type`, but what stays unknown is None."""
        return inference.infer_type(self, args, kwargs, partial=True)

    # ---- files ----------------------------------------------------------------------------

    def tojson(self, remove_amp_cast: bool = True) -> str:
        """The graph as MXNet 1.9.1 writes it."""
        from .json import to_json

        return to_json(self._graph, remove_amp_cast)

    def save(self, fname: str, remove_amp_cast: bool = True) -> None:
        """Write :meth:`tojson` to a file, which is replaced at once or not at all."""
        if not isinstance(fname, (str, bytes)) and not hasattr(fname, "__fspath__"):
            raise TypeError("fname need to be string")
        from ..fileio import write_text

        text = self.tojson(remove_amp_cast)
        try:
            write_text(fname, text)
        except OSError as error:
            raise StorageError.of(error, f"cannot write {fname!r}") from error

    # ---- running --------------------------------------------------------------------------

    def bind(
        self,
        ctx: Any,
        args: Any,
        args_grad: Any = None,
        grad_req: Any = "write",
        aux_states: Any = None,
        group2ctx: Any = None,
        shared_exec: Any = None,
    ) -> Any:
        """An Executor of this graph over the given arrays; see :mod:`workbench.executor`."""
        from .binding import bind

        return bind(self, ctx, args, args_grad, grad_req, aux_states, group2ctx)

    _bind = bind

    def simple_bind(
        self,
        ctx: Any,
        grad_req: Any = "write",
        type_dict: Any = None,
        stype_dict: Any = None,
        group2ctx: Any = None,
        shared_arg_names: Any = None,
        shared_exec: Any = None,
        shared_buffer: Any = None,
        **kwargs: Any,
    ) -> Any:
        """An Executor over new arrays of zeros, whose shapes follow from those in *kwargs*."""
        from .binding import Sharing, simple_bind

        sharing = Sharing(shared_exec, shared_arg_names, shared_buffer)
        return simple_bind(self, ctx, grad_req, type_dict, stype_dict, sharing, group2ctx, kwargs)

    _simple_bind = simple_bind

    def eval(self, ctx: Any = None, **kwargs: Any) -> list[Any]:
        """The outputs, a list of NDArrays, for the given arrays by name."""
        from ..context import current_context

        return self.bind(current_context() if ctx is None else ctx, kwargs).forward()

    def _gen_atomic_symbol(self) -> Symbol:
        """The node alone, over new variables in the place of its inputs."""
        node = self._node()
        inputs = [Entry(variable(f"{node.name}_{one}")) for one in node.input_names()]
        return type(self)(copied(node, inputs).outputs[: node.num_visible])

    def gradient(self, wrt: Sequence[str]) -> Symbol:
        """Not in MXNet 1.9.1 either: gradients are computed by an Executor."""
        raise MXNetError(
            message(
                "Symbol.gradient is not implemented", fix="Bind the symbol and call backward()."
            )
        )

    def optimize_for(self, backend: str, *args: Any, **kwargs: Any) -> Symbol:
        """The symbol itself, with a warning: Workbench compiles every bound graph itself."""
        import warnings

        warnings.warn(
            f"optimize_for({backend!r}): there is no such backend; the symbol is returned as it is",
            stacklevel=2,
        )
        return self

    get_backend_symbol = optimize_for

    def as_nd_ndarray(self) -> Symbol:
        """The symbol itself."""
        return self

    def as_np_ndarray(self) -> Symbol:
        """The symbol of ``mx.sym.np`` over the same graph."""
        from .numpy import _Symbol

        return _Symbol(self._entries)


def output_name(entry: Entry) -> str:
    """MXNet's name of an output: the record may name them, ``bn_mean``."""
    node = entry.node
    if node.is_variable:
        return node.name
    names = node.op.output_names
    if node.num_visible == 1 and not names:
        return f"{node.name}_output"
    suffix = names[entry.index] if names else f"output{entry.index}"
    return f"{node.name}_{suffix}"


def copied(node: Node, inputs: Sequence[Entry]) -> Node:
    """A new node of the same kind over other inputs."""
    return Node(node.op, node.name, node.params, node.attrs, inputs, node.where, node.versions)
