"""HybridBlock: one definition that runs eagerly, as a graph, and compiled.

``hybrid_forward(F, x, *args, **params)`` is called with ``F = mx.nd`` and arrays, or with
``F = mx.sym`` and symbols. Tracing is the second; what it gives is compiled by
:class:`workbench.ndarray.cached_op.CachedOp` after ``hybridize()``.
"""

from __future__ import annotations

import warnings
from typing import Any

from .. import ndarray as nd
from ..error import DeferredInitializationError, MXNetError, message
from ..ndarray.core import NDArray
from . import parameter as parameters
from .block import Block
from .nested import flatten, regroup
from .parameter import Parameter

__all__ = ["HybridBlock"]


class HybridBlock(Block):
    """A Block that can be traced into a graph; its children are HybridBlocks too.

    Subclasses define ``hybrid_forward(self, F, x, *args, **params)`` in which *F* stands for
    ``mx.nd`` or ``mx.sym`` and each registered Parameter arrives under its attribute's name.
    """

    def __init__(self, prefix: str | None = None, params: Any = None) -> None:
        super().__init__(prefix=prefix, params=params)
        self._active = False
        self._flags: dict[str, Any] = {}
        self._graph: tuple[list[Any], Any, Any] | None = None
        self._cached_op: Any = None
        self._cached_inputs: list[int | Parameter] = []
        self._in_format: Any = None
        self._flat_inputs = -1

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if isinstance(value, (HybridBlock, Parameter)) and name in self.__dict__:
            self._drop_graph()

    def register_child(self, block: Block, name: str | None = None) -> None:
        """Add a child, which must be a HybridBlock itself."""
        if not isinstance(block, HybridBlock):
            raise ValueError(
                f"Children of HybridBlock must also be HybridBlock, but {block!r} has type "
                f"{type(block)}. If you are using Sequential, please try HybridSequential instead."
            )
        super().register_child(block, name)
        self._drop_graph()

    def _drop_graph(self) -> None:
        self.__dict__["_graph"] = None
        self.__dict__["_cached_op"] = None
        self.__dict__["_flat_inputs"] = -1

    def hybridize(
        self, active: bool = True, backend: Any = None, static_alloc: bool = False, **kwargs: Any
    ) -> None:
        """Compile on the next call (or, with ``active=False``, run eagerly again).

        ``static_alloc``, ``static_shape``, ``inline_limit`` and the bulk sizes are accepted:
        plans always allocate statically here.
        """
        known = {
            "static_shape",
            "inline_limit",
            "forward_bulk_size",
            "backward_bulk_size",
            "backend_opts",
            "partition_if_dynamic",
            "clear",
        }
        for name in set(kwargs) - known:
            raise TypeError(f"hybridize got an unexpected keyword argument {name!r}")
        self._active = bool(active)
        self._flags = {"static_alloc": static_alloc, **kwargs}
        self._drop_graph()
        if active and (self._forward_hooks or self._forward_pre_hooks):
            warnings.warn(
                f'"{self!r}" is being hybridized while still having forward hook/pre-hook. '
                'If "hybridize" is used, hooks of children are not run.',
                stacklevel=2,
            )
        super().hybridize(active, static_alloc=static_alloc, **kwargs)

    def cast(self, dtype: Any) -> None:
        """Convert all parameters to another dtype; the compiled graph is dropped."""
        self._drop_graph()
        super().cast(dtype)

    # ---- tracing ----------------------------------------------------------------------------

    def _trace(self, *args: Any) -> tuple[list[Any], Any, Any]:
        """Input symbols, output symbol (grouped) and the structure of the outputs."""
        if self._graph is None:
            from .. import symbol

            flat, self._in_format = flatten(args)
            if len(flat) > 1:
                inputs = [symbol.var(f"data{i}") for i in range(len(flat))]
            else:
                inputs = [symbol.var("data")]
            grouped = regroup(inputs, self._in_format)
            params = {name: p.var() for name, p in self._reg_params.items()}
            with self.name_scope(), parameters.tracing():
                out = self.hybrid_forward(symbol, *grouped, **params)
            flat_out, out_format = flatten(out)
            joined = symbol.Group(flat_out) if len(flat_out) > 1 else flat_out[0]
            self._graph = (inputs, joined, out_format)
        return self._graph

    def _all_params(self) -> dict[str, Parameter]:
        return dict(self.collect_params().items())

    def infer_shape(self, *args: Any) -> None:
        """Complete the shapes of all parameters from the shapes of the inputs."""
        self._infer("shape", args)

    def infer_type(self, *args: Any) -> None:
        """Complete the dtypes of all parameters from the dtypes of the inputs."""
        self._infer("dtype", args)

    def _infer(self, what: str, args: tuple[Any, ...]) -> None:
        inputs, out, _ = self._trace(*args)
        flat, _ = flatten(args)
        infer = out.infer_shape_partial if what == "shape" else out.infer_type_partial
        known = {i.name: getattr(a, what) for i, a in zip(inputs, flat, strict=True)}
        used = set(out.list_inputs())
        found, _, auxiliary = infer(**{k: v for k, v in known.items() if k in used})
        names = [*out.list_arguments(), *out.list_auxiliary_states()]
        by_name = dict(zip(names, [*found, *auxiliary], strict=True))
        for name, one in self._all_params().items():
            value = by_name.get(name)
            if what == "shape" and name in by_name and not parameters.shape_is_known(value):
                raise ValueError(
                    message(
                        "Deferred initialization failed because shape cannot be inferred",
                        where=[f"{name} {value} in {type(self).__name__} {self.name}"],
                        fix="Give the parameter's whole shape (in_units, in_channels).",
                    )
                )
            if value is not None:
                setattr(one, what, value)

    def _deferred_infer_shape(self, *args: Any) -> None:
        try:
            self.infer_shape(*args)
        except MXNetError as error:
            raise ValueError(
                message(
                    "Deferred initialization failed because shape cannot be inferred: "
                    f"{str(error).splitlines()[0]}",
                    where=[f"{type(self).__name__} {self.name}"],
                    fix="Check the input's shape, or give the shape of each parameter.",
                )
            ) from error

    # ---- calling ----------------------------------------------------------------------------

    def forward(self, x: Any, *args: Any) -> Any:
        """Run ``hybrid_forward`` on arrays or symbols; compiled after ``hybridize()``."""
        plain = isinstance(x, NDArray) and all([isinstance(one, NDArray) for one in args])
        if plain or not self._has_symbols((x, *args)):
            if self._active and not parameters.is_tracing():
                return self._call_compiled(x, *args)
            return self._call_eager(x, *args)
        from .. import symbol

        params = {name: p.var() for name, p in self._reg_params.items()}
        with self.name_scope():
            return self.hybrid_forward(symbol, x, *args, **params)

    def _has_symbols(self, args: tuple[Any, ...]) -> bool:
        """True for symbols, False for arrays; ValueError for neither, and for both together."""
        from .. import symbol

        flat, _ = flatten(args)
        symbols = any(isinstance(one, symbol.Symbol) for one in flat)
        if symbols == any(isinstance(one, NDArray) for one in flat):
            kinds = ", ".join(type(one).__name__ for one in args)
            raise ValueError(
                f"{type(self).__name__}: HybridBlock requires the first argument to forward be "
                f"either Symbol or NDArray, and the others of the same kind, but got {kinds}"
            )
        return symbols

    def _call_eager(self, x: Any, *args: Any) -> Any:
        if not self._reg_params:
            return self.hybrid_forward(nd, x, *args)
        ctx = x._ctx if isinstance(x, NDArray) else _first_array((x, *args))._ctx
        try:
            params = {name: p.data(ctx) for name, p in self._reg_params.items()}
        except DeferredInitializationError:
            self._deferred_infer_shape(x, *args)
            for one in self._reg_params.values():
                one._finish_deferred_init()
            params = {name: p.data(ctx) for name, p in self._reg_params.items()}
        return self.hybrid_forward(nd, x, *args, **params)

    def _call_compiled(self, *args: Any) -> Any:
        if len(args) == self._flat_inputs:
            arrays = self._gather_flat(args)
            if arrays is not None:
                return self._cached_op(*arrays)
        flat, in_format = flatten(args)
        for one in flat:
            if not isinstance(one, NDArray):
                raise ValueError(
                    message(
                        f"{type(self).__name__}: a hybridized block takes arrays only, but got a "
                        f"{type(one).__name__}",
                        fix="Make it an attribute of the block, or an array.",
                    )
                )
        if self._cached_op is None:
            self._build_cache(*args)
        if _without_defaults(in_format) != _without_defaults(self._in_format):
            raise ValueError(
                "The structure of the inputs differs from that of the first call: "
                f"{in_format} and {self._in_format}. Call hybridize() again to trace anew."
            )
        ctx = next(one for one in flat if isinstance(one, NDArray))._ctx
        try:
            arrays = self._gather(flat, ctx)
        except DeferredInitializationError:
            self._deferred_infer_shape(*args)
            for one in self._cached_inputs:
                if isinstance(one, Parameter):
                    one._finish_deferred_init()
            arrays = self._gather(flat, ctx)
        out = self._cached_op(*arrays)
        outs = [out] if isinstance(out, NDArray) else list(out)
        in_flat = in_format == (0,) * len(args)
        self._flat_inputs = len(args) if in_flat and self._graph[2] == 0 else -1  # type: ignore[index]
        return regroup(outs, self._graph[2])  # type: ignore[index]

    def _gather_flat(self, args: tuple[Any, ...]) -> list[NDArray] | None:
        """What the graph is called on where all is as at the first call: arrays in, one array out.

        None where some argument is no array, or some parameter has no value yet.
        """
        for one in args:
            if one.__class__ is not NDArray:
                return None
        ctx = args[0]._ctx
        try:
            return [args[i] if isinstance(i, int) else i.data(ctx) for i in self._cached_inputs]
        except DeferredInitializationError:
            return None

    def _gather(self, flat: list[Any], ctx: Any) -> list[NDArray]:
        return [flat[i] if isinstance(i, int) else i.data(ctx) for i in self._cached_inputs]

    def _build_cache(self, *args: Any) -> None:
        from ..ndarray.cached_op import CachedOp

        inputs, out, _ = self._trace(*args)
        places = {symbol.name: i for i, symbol in enumerate(inputs)}
        params = self._all_params()
        names = out.list_inputs()
        unused = [name for name in places if name not in names]
        if unused:
            warnings.warn(
                f"The {', '.join(unused)}-th input to HybridBlock is not used by any computation. "
                "Is this intended?",
                stacklevel=4,
            )
        unknown = [n for n in names if n not in places and n not in params]
        if unknown:
            raise RuntimeError(
                f"{type(self).__name__}: the graph names {unknown[0]!r}, which is neither an input "
                "nor a parameter of this block; register it as an attribute"
            )
        self._cached_inputs = [places[n] if n in places else params[n] for n in names]
        self._cached_op = CachedOp(out, self._flags, name=self.name)

    def hybrid_forward(self, F: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the output with *F* = ``mx.nd`` or ``mx.sym``; subclasses define it."""
        raise NotImplementedError(
            f"{type(self).__name__} must define hybrid_forward(self, F, x, *args, **params)"
        )

    def optimize_for(self, x: Any, *args: Any, backend: Any = None, **kwargs: Any) -> None:
        """Compile and run once; there are no partitioning backends here, *backend* is ignored."""
        if backend is not None:
            warnings.warn(f"optimize_for: backend {backend!r} is ignored", stacklevel=2)
        self.hybridize(True)
        self(x, *args)

    def export(self, path: str, epoch: int = 0, remove_amp_cast: bool = True) -> tuple[str, str]:
        """Write ``PATH-symbol.json`` and ``PATH-EPOCH.params`` (``arg:`` and ``aux:`` names).

        The block must have been called once, so that there is a graph.
        """
        if self._graph is None:
            raise RuntimeError(
                "Please first call block.hybridize() and then run forward with this block at "
                "least once before calling export."
            )
        out = self._graph[1]
        symbol_file, params_file = f"{path}-symbol.json", f"{path}-{epoch:04d}.params"
        arguments, auxiliary = set(out.list_arguments()), set(out.list_auxiliary_states())
        arrays = {}
        for name, one in self.collect_params().items():
            if name in arguments:
                arrays[f"arg:{name}"] = one.list_data()[0]
            elif name in auxiliary:
                arrays[f"aux:{name}"] = one.list_data()[0]
            else:
                warnings.warn(f'Parameter "{name}" is not found in the graph', stacklevel=2)
        out.save(symbol_file)
        nd.save(params_file, arrays)
        return symbol_file, params_file


def _without_defaults(structure: Any) -> Any:
    """The structure of arguments without None at the end, which leaving them out gives too."""
    while structure and structure[-1] is None:
        structure = structure[:-1]
    return structure


def _first_array(args: tuple[Any, ...]) -> NDArray:
    flat, _ = flatten(args)
    return next(one for one in flat if isinstance(one, NDArray))
