"""Parameters: arrays with a gradient on one or more devices, made when their shape is known."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from .. import autograd, initializer, ndarray as nd
from .._surface import getattr_for
from ..context import Context, cpu, current_context
from ..dtypes import as_dtype
from ..error import DeferredInitializationError, MXNetError, message
from .parameter_rows import StoredByRows

__all__ = ["Constant", "DeferredInitializationError", "Parameter", "tensor_types"]

__getattr__ = getattr_for(__name__, {"ParameterDict": "gluon.parameter_dict:ParameterDict"})


class _Tracing(threading.local):
    depth = 0


_tracing = _Tracing()


class tracing:
    """A ``with`` block in which ``Parameter.data()`` is the parameter's Symbol.

    So a ``hybrid_forward`` that reads ``self.weight.data()`` can be traced like one that takes
    ``weight`` as an argument.
    """

    def __enter__(self) -> None:
        _tracing.depth += 1

    def __exit__(self, *exc: object) -> None:
        _tracing.depth -= 1


def is_tracing() -> bool:
    """True while a HybridBlock of this thread is being traced."""
    return _tracing.depth > 0


tensor_types: tuple[type, ...] = (nd.NDArray,)


class _ByContext(dict[Context, nd.NDArray]):
    """Arrays by device; a number counts them, since MXNet keeps a list here."""

    def __missing__(self, key: Any) -> nd.NDArray:
        if isinstance(key, int):
            return list(self.values())[key]
        raise KeyError(key)


def shape_is_known(shape: Sequence[int] | None) -> bool:
    """True when every size is known (0 and -1 stand for unknown)."""
    return bool(shape) and all(n > 0 for n in shape or ())


def _listed(ctx: Context | Sequence[Context] | None) -> list[Context]:
    """One context, several or none, as a list."""
    if ctx is None:
        return []
    return [ctx] if isinstance(ctx, Context) else list(ctx)


class Parameter(StoredByRows):
    """An array that a Block learns: one copy and one gradient per device.

    Parameters
    ----------
    name : str
    grad_req : {"write", "add", "null"}
    shape : tuple of int, optional
        0 stands for a size that the first call of the block will tell
    dtype : str or numpy dtype
    lr_mult, wd_mult : float
        factors of the Trainer's learning rate and weight decay
    init : Initializer or str, optional
        beats the initializer given to ``initialize()``
    allow_deferred_init : bool
        whether ``initialize()`` may come before the shape is known
    differentiable : bool
        False fixes ``grad_req`` to ``"null"``
    stype, grad_stype : {"default", "row_sparse", "csr"}
        storage of the value and of the gradient. A row_sparse value lives in the Trainer's store;
        :meth:`row_sparse_data` fetches the rows that a batch needs
    """

    def __init__(
        self,
        name: str,
        grad_req: str = "write",
        shape: Any = None,
        dtype: Any = np.float32,
        lr_mult: float = 1.0,
        wd_mult: float = 1.0,
        init: Any = None,
        allow_deferred_init: bool = False,
        differentiable: bool = True,
        stype: str = "default",
        grad_stype: str = "default",
    ) -> None:
        self._var: Any = None
        self._data: dict[Context, nd.NDArray] | None = None
        self._contexts: list[Context] = []
        self._deferred: tuple[Any, list[Context], Any, Any] | None = None
        self._differentiable = differentiable
        self._allow_deferred_init = allow_deferred_init
        self._trainer: Any = None
        self.name = name
        self._shape = (
            (shape,) if isinstance(shape, int) else None if shape is None else tuple(shape)
        )
        self.dtype = dtype
        self.lr_mult, self.wd_mult = lr_mult, wd_mult
        self.init = init
        for kind, value in (("grad_stype", grad_stype), ("stype", stype)):
            assert value in ("default", "row_sparse", "csr"), (
                f"{kind} for Parameter '{name}' must be one of 'default', 'row_sparse', or 'csr', "
                f"but got {value!r}"
            )
        self._stype, self._grad_stype = stype, grad_stype
        self._grad_req = "null"
        self.grad_req = grad_req

    def __repr__(self) -> str:
        return f"Parameter {self.name} (shape={self.shape}, dtype={self.dtype})"

    # ---- attributes -------------------------------------------------------------------------

    @property
    def stype(self) -> str:
        """Storage type of the value."""
        return self._stype

    @property
    def grad_req(self) -> str:
        """What backward does with the gradient: ``write``, ``add`` or ``null``."""
        return self._grad_req

    @grad_req.setter
    def grad_req(self, req: str) -> None:
        assert req in ("write", "add", "null"), (
            f"grad_req must be one of 'write', 'add' or 'null', got {req!r}"
        )
        req = req if self._differentiable else "null"
        if req == self._grad_req:
            return
        self._grad_req = req
        if self._data is not None:
            self._attach_grads()

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape; 0 where a size is not known yet."""
        return self._shape

    @shape.setter
    def shape(self, new: Any) -> None:
        if self._shape is None:
            self._shape = tuple(new)
            return
        fits = len(self._shape) == len(new) and all(
            a in (0, -1, b) or b in (0, -1) for a, b in zip(self._shape, new, strict=True)
        )
        assert fits, f"Expected shape {new} is incompatible with given shape {self._shape}."
        self._shape = tuple(b if a in (0, -1) else a for a, b in zip(self._shape, new, strict=True))

    # ---- initialization ---------------------------------------------------------------------

    def initialize(
        self,
        init: Any = None,
        ctx: Context | Sequence[Context] | None = None,
        default_init: Any = None,
        force_reinit: bool = False,
    ) -> None:
        """Make value and gradient on each of *ctx*; later, when the shape is not known yet."""
        if self._data is not None and not force_reinit:
            warnings.warn(
                f"Parameter '{self.name}' is already initialized, ignoring. "
                "Set force_reinit=True to re-initialize.",
                stacklevel=2,
            )
            return
        self._data = None
        contexts = _listed(ctx) or [current_context()]
        default = initializer.Uniform() if default_init is None else default_init
        if init is None:
            init = default if self.init is None else self.init
        if not shape_is_known(self._shape):
            if not self._allow_deferred_init:
                raise ValueError(
                    f"Cannot initialize Parameter '{self.name}' because it has invalid shape: "
                    f"{self._shape}. Give in_units/in_channels, or let it wait for the first call."
                )
            self._deferred = (init, contexts, default, None)
            return
        self._deferred = (init, contexts, default, None)
        self._finish_deferred_init()

    def _finish_deferred_init(self) -> None:
        if self._deferred is None:
            return
        init, contexts, default, data = self._deferred
        self._deferred = None
        if not shape_is_known(self._shape):
            self._deferred = (init, contexts, default, data)
            raise ValueError(
                f"Cannot initialize Parameter '{self.name}' because its shape cannot be inferred: "
                f"{self._shape}. Specify in_units, in_channels, etc. of the layer."
            )
        with autograd.pause():
            if data is None:
                data = nd.zeros(
                    self._shape, dtype=as_dtype(self.dtype), ctx=cpu(), stype=self._stype
                )
                description = initializer.InitDesc(self.name, {"__init__": init})
                initializer.create(default)(description, data)
            self._init_impl(data, contexts)

    def _init_impl(self, data: nd.NDArray, contexts: Sequence[Context]) -> None:
        self._contexts = list(contexts)
        self._data = _ByContext((ctx, data.copyto(ctx)) for ctx in self._contexts)
        self._attach_grads()

    def _attach_grads(self) -> None:
        for array in (self._data or {}).values():
            if self._grad_req == "null":
                array._node = None
            else:
                array.attach_grad(self._grad_req, self._grad_stype)

    def _load_init(
        self, data: nd.NDArray, ctx: Any, cast_dtype: bool = False, dtype_source: str = "current"
    ) -> None:
        """Take a loaded value: checks the shape, converts or compares the dtype."""
        problem = self._misfit(data, cast_dtype)
        assert not problem, f"Failed loading Parameter '{self.name}' from saved params: {problem}"
        contexts = _listed(ctx)
        if self._data is not None and contexts and set(contexts) != set(self._contexts):
            raise AssertionError(
                f"Failed to load Parameter '{self.name}' on {contexts} because it was previous "
                f"initialized on {self._contexts}. Call reset_ctx first."
            )
        if cast_dtype and dtype_source == "current":
            data = data.astype(self.dtype)
        elif cast_dtype:
            self.cast(data.dtype)
        if data.stype != self._stype:
            data = data.tostype(self._stype)
        self._shape = data.shape
        if self._data is not None:
            self.set_data(data)
            return
        if self._deferred is not None:
            contexts = self._deferred[1]
        self._init_impl(data, contexts or [cpu()])
        self._deferred = None

    def _misfit(self, data: nd.NDArray, cast_dtype: bool = False) -> str:
        """Why *data* cannot become the value; empty when it can."""
        if self._shape is not None:
            fits = len(self._shape) == len(data.shape) and all(
                a in (0, -1, b) for a, b in zip(self._shape, data.shape, strict=True)
            )
            if not fits:
                return f"shape incompatible expected {self._shape} vs saved {data.shape}"
        mine, saved = as_dtype(self.dtype).name, as_dtype(data.dtype).name
        if not cast_dtype and mine != saved:
            return (
                f"dtype incompatible expected {mine} vs saved {saved}. Set cast_dtype=True to "
                "cast the dtype of saved params."
            )
        return ""

    # ---- reading ----------------------------------------------------------------------------

    def _checked(self) -> dict[Context, nd.NDArray]:
        if self._data is not None:
            return self._data
        if self._deferred is not None:
            raise DeferredInitializationError(
                message(
                    f"Parameter '{self.name}' has not been initialized yet because initialization "
                    f"was deferred: its shape {self._shape} has unknown sizes",
                    fix="Pass one batch of data through the network before accessing Parameters, "
                    "or give in_units / in_channels to the layer.",
                )
            )
        raise MXNetError(
            message(
                f"Parameter '{self.name}' has not been initialized",
                fix="Call net.initialize() first (Block.initialize, not only "
                "collect_params(...).initialize of a part).",
            )
        )

    def _on(self, arrays: dict[Context, nd.NDArray], ctx: Context | None) -> nd.NDArray:
        if ctx is None:
            if len(arrays) == 1:
                return next(iter(arrays.values()))
            ctx = current_context()
        found = arrays.get(ctx)
        if found is None:
            raise MXNetError(
                message(
                    f"Parameter '{self.name}' was not initialized on context {ctx}",
                    where=[f"it is on {', '.join(map(str, arrays))}"],
                    fix="Initialize it with ctx=[...] naming every device, or call "
                    "net.collect_params().reset_ctx(...).",
                )
            )
        return found

    def data(self, ctx: Context | None = None) -> nd.NDArray:
        """The value on *ctx* (or the only one); its Symbol while a block is being traced."""
        if _tracing.depth:
            return self.var()
        if self._stype != "default":
            raise self._needs_rows("data", ctx)
        data = self._data
        if data is not None and ctx is not None:
            found = data.get(ctx)
            if found is not None:
                return found
        return self._on(self._checked(), ctx)

    def list_data(self) -> list[nd.NDArray]:
        """The values on all devices."""
        if self._stype != "default":
            raise self._needs_rows("list_data")
        return list(self._checked().values())

    def _grads(self) -> dict[Context, nd.NDArray]:
        if self._grad_req == "null":
            raise MXNetError(
                f"Cannot get gradient array for Parameter '{self.name}' because grad_req='null'"
            )
        grads = {ctx: array.grad for ctx, array in self._checked().items()}
        return {ctx: grad for ctx, grad in grads.items() if grad is not None}

    def grad(self, ctx: Context | None = None) -> nd.NDArray:
        """The gradient on *ctx* (or the only one)."""
        return self._on(self._grads(), ctx)

    def list_grad(self) -> list[nd.NDArray]:
        """The gradients on all devices."""
        return list(self._grads().values())

    def list_ctx(self) -> list[Context]:
        """The devices that hold a copy."""
        if self._data is None and self._deferred is not None:
            return self._deferred[1]
        self._checked()
        return self._contexts

    # ---- writing ----------------------------------------------------------------------------

    def set_data(self, data: nd.NDArray) -> None:
        """Set the value on all devices."""
        self.shape = data.shape
        if self._data is None:
            if self._deferred is None:
                self._checked()
            init, contexts, default, _ = self._deferred  # type: ignore[misc]
            self._deferred = (init, contexts, default, data)
            return
        if self._trainer is not None:
            self._trainer._value_is_set(self)
        with autograd.pause():
            for array in self._data.values():
                array[:] = data

    @property
    def _grad(self) -> list[nd.NDArray] | None:
        """The gradients on all devices; None where there are none."""
        if self._grad_req == "null" or self._data is None:
            return None
        return list(self._grads().values())

    def zero_grad(self) -> None:
        """Set the gradients on all devices to zero, where there are any."""
        if self._grad_req != "null" and self._data is not None:
            for grad in self._grads().values():
                grad[:] = 0

    def reset_ctx(self, ctx: Context | Sequence[Context]) -> None:
        """Move the parameter to other devices; its gradient starts at zero there."""
        contexts = _listed(ctx)
        if self._data is not None:
            with autograd.pause():
                self._init_impl(next(iter(self._data.values())), contexts)
        elif self._deferred is not None:
            init, _, default, data = self._deferred
            self._deferred = (init, contexts, default, data)
        else:
            raise ValueError(
                f"Cannot reset context for Parameter '{self.name}' because it has not been "
                "initialized."
            )

    def cast(self, dtype: Any) -> None:
        """Convert value and gradient to another dtype."""
        self.dtype = dtype
        if self._data is not None:
            with autograd.pause():
                self._data = _ByContext((ctx, a.astype(dtype)) for ctx, a in self._data.items())
                self._attach_grads()

    def var(self) -> Any:
        """The Symbol that stands for this parameter in a graph."""
        if self._var is None:
            from .. import symbol

            self._var = symbol.var(
                self.name,
                shape=self._shape,
                dtype=self.dtype,
                lr_mult=self.lr_mult,
                wd_mult=self.wd_mult,
                init=self.init,
                stype=self._stype,
            )
        return self._var


class _ConstantInit(initializer.Initializer):
    """Fills a Constant with its value."""

    def __init__(self, value: nd.NDArray) -> None:
        super().__init__()
        self.value = value

    def _init_weight(self, name: str, arr: nd.NDArray) -> None:
        arr[:] = self.value


class Constant(Parameter):
    """A parameter that is never trained: its gradient is not computed."""

    def __init__(self, name: str, value: Any) -> None:
        if not isinstance(value, nd.NDArray):
            value = nd.array(value)
        self.value = value
        super().__init__(
            name,
            grad_req="null",
            shape=value.shape,
            dtype=value.dtype,
            init=_ConstantInit(value),
        )

    def __repr__(self) -> str:
        return f"Constant {self.name} (shape={self.shape}, dtype={self.dtype})"

    @property
    def grad_req(self) -> str:
        """Always ``"null"``."""
        return "null"

    @grad_req.setter
    def grad_req(self, req: str) -> None:
        if req != "null":
            warnings.warn(
                f"Constant parameter {self.name} does not support grad_req other than 'null', "
                f"and new value {req} is ignored.",
                stacklevel=2,
            )


Initialize = Callable[[Any, nd.NDArray], None]
Names = Iterable[str]
