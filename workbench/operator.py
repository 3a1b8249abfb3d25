"""Operators in Python: ``mx.operator.CustomOp``, for ``mx.nd.Custom`` and ``mx.sym.Custom``.

>>> import workbench as mx
>>> class Double(mx.operator.CustomOp):
...     def forward(self, is_train, req, in_data, out_data, aux):
...         self.assign(out_data[0], req[0], in_data[0] * 2)
...
...     def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
...         self.assign(in_grad[0], req[0], out_grad[0] * 2)
>>> @mx.operator.register("double")
... class DoubleProp(mx.operator.CustomOpProp):
...     def create_operator(self, ctx, in_shapes, in_dtypes):
...         return Double()
>>> mx.nd.Custom(mx.nd.array([1, 2]), op_type="double").asnumpy().tolist()
[2.0, 4.0]
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from . import _surface, symbol
from .error import GraphError, message
from .ndarray.custom import PROPERTIES
from .ops import all_names, find, get
from .ops.params import Enum, Param

__all__ = [
    "CustomOp",
    "CustomOpProp",
    "NDArrayOp",
    "NumpyOp",
    "OperatorArguments",
    "PythonOp",
    "get_all_registered_operators",
    "get_operator_arguments",
    "register",
]

__getattr__ = _surface.getattr_for(__name__)

P = TypeVar("P", bound=Callable[..., Any])


class CustomOp:
    """Base of the part that computes; subclasses define :meth:`forward` and :meth:`backward`.

    Arrays come as lists in the order of ``list_arguments``, ``list_outputs`` and
    ``list_auxiliary_states``; they are NDArrays, to be written with ``[:]`` or :meth:`assign`.
    What ``forward`` leaves on ``self`` is there in ``backward``.
    """

    def forward(
        self, is_train: bool, req: list[str], in_data: Any, out_data: Any, aux: Any
    ) -> None:
        """Compute ``out_data`` from ``in_data``.

        Parameters
        ----------
        is_train : bool
        req : list of str
            For each output how it is to be written: ``"write"``, ``"add"`` or ``"null"``.
        in_data, out_data, aux : list of NDArray
        """

    def backward(
        self, req: list[str], out_grad: Any, in_data: Any, out_data: Any, in_grad: Any, aux: Any
    ) -> None:
        """Compute ``in_grad``, the gradients of the inputs, from ``out_grad``.

        Parameters
        ----------
        req : list of str
            For each input how its gradient is to be written: ``"null"`` where nobody wants it.
        out_grad, in_data, out_data, in_grad, aux : list of NDArray
        """

    def assign(self, dst: Any, req: str, src: Any) -> None:
        """Write *src* into *dst*, or add it, as *req* says."""
        if req in ("write", "inplace"):
            dst[:] = src
        elif req == "add":
            dst[:] += src


class CustomOpProp:
    """Base of the part that tells names, shapes and dtypes, and makes the operator.

    Keywords of the call arrive at ``__init__`` as texts.

    Parameters
    ----------
    need_top_grad : bool
        False for a loss: its backward does not look at ``out_grad``.
    """

    def __init__(self, need_top_grad: bool = True) -> None:
        self.need_top_grad_ = need_top_grad

    def list_arguments(self) -> list[str]:
        """The names of the inputs; ``["data"]``."""
        return ["data"]

    def list_outputs(self) -> list[str]:
        """The names of the outputs; ``["output"]``."""
        return ["output"]

    def list_auxiliary_states(self) -> list[str]:
        """The names of the states that the operator keeps between calls; none."""
        return []

    def infer_shape(self, in_shape: list[Any]) -> tuple[Any, ...]:
        """Shapes of the inputs, outputs and auxiliary states from what is known of the inputs.

        An unknown shape is ``[]``. The last of the three lists may be left out. By default all
        outputs have the shape of the first input.
        """
        return in_shape, [in_shape[0]] * len(self.list_outputs()), ()

    def infer_type(self, in_type: list[Any]) -> tuple[Any, ...]:
        """Dtypes of the inputs, outputs and auxiliary states; all that of the first input."""
        outputs, states = len(self.list_outputs()), len(self.list_auxiliary_states())
        return in_type, [in_type[0]] * outputs, [in_type[0]] * states

    def infer_storage_type(self, in_stype: list[str]) -> tuple[Any, ...]:
        """Storage of the inputs, outputs and auxiliary states; asked when an input is sparse.

        Raises GraphError (a ValueError): by default an operator takes dense arrays only.
        """
        _refuse_sparse("infer_storage_type", "in_stype", in_stype)
        dense = "default"
        outputs, states = len(self.list_outputs()), len(self.list_auxiliary_states())
        return in_stype, [dense] * outputs, [dense] * states

    def infer_storage_type_backward(
        self,
        ograd_stype: list[str],
        in_stype: list[str],
        out_stype: list[str],
        igrad_stype: list[str],
        aux_stype: list[str],
    ) -> tuple[Any, ...]:
        """Storage of everything that a backward sees, in the order of the arguments."""
        _refuse_sparse("infer_storage_type_backward", "ograd_stype", ograd_stype)
        given = [ograd_stype, in_stype, out_stype, igrad_stype, aux_stype]
        return tuple(["default"] * len(one) for one in given)

    def declare_backward_dependency(
        self, out_grad: list[int], in_data: list[int], out_data: list[int]
    ) -> list[int]:
        """Which of the numbered arrays the backward reads."""
        return [*(out_grad if self.need_top_grad_ else []), *in_data, *out_data]

    def create_operator(self, ctx: Any, in_shapes: list[Any], in_dtypes: list[int]) -> CustomOp:
        """The operator for a device and for inputs of these shapes and dtype flags."""
        return CustomOp()


def _refuse_sparse(method: str, what: str, stypes: Sequence[str]) -> None:
    for number, stype in enumerate(stypes):
        if stype not in ("default", "undefined"):
            raise GraphError(
                message(
                    f"Default {method} implementation doesnt allow non default stypes: "
                    f"{what}[{number}] is {stype}",
                    fix=f"Define {method} in the operator's property.",
                )
            )


def register(reg_name: str) -> Callable[[P], P]:
    """Decorator: the class is the property of the operators called with ``op_type=reg_name``."""

    def note(prop_cls: P) -> P:
        PROPERTIES[reg_name] = prop_cls
        return prop_cls

    return note


register("custom_op")(CustomOpProp)


# ---- before MXNet 0.9 -------------------------------------------------------------------------


class PythonOp:
    """Base of the older way, in which one object is property and operator.

    An instance is called on symbols. Use :class:`CustomOp` for new code.

    Parameters
    ----------
    need_top_grad : bool
        False for a loss: its backward does not look at ``out_grad``.
    """

    _count = itertools.count()

    def __init__(self, need_top_grad: bool = True) -> None:
        self.need_top_grad_ = need_top_grad

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.get_symbol(*args, **kwargs)

    def get_symbol(self, *args: Any, **kwargs: Any) -> Any:
        """A symbol that applies the operator to symbols."""
        raise GraphError(message(f"{type(self).__name__}: use NumpyOp or NDArrayOp as the base"))

    def forward(self, in_data: Any, out_data: Any) -> None:
        """Write the outputs; by default a copy of the first input."""
        out_data[0][:] = in_data[0]

    def backward(self, out_grad: Any, in_data: Any, out_data: Any, in_grad: Any) -> None:
        """Write the gradients of the inputs; by default ones."""
        in_grad[0][:] = 1.0

    def infer_shape(self, in_shape: list[Any]) -> tuple[Any, ...]:
        """Shapes of inputs and outputs; by default the output is as the first input."""
        return in_shape, [in_shape[0]]

    def list_outputs(self) -> list[str]:
        """The names of the outputs."""
        return ["output"]

    def list_arguments(self) -> list[str]:
        """The names of the inputs."""
        return ["data"]

    def need_top_grad(self) -> bool:
        """Whether the backward looks at ``out_grad``."""
        return self.need_top_grad_

    def _symbol(self, op: Any, args: Any, kwargs: Any) -> Any:
        """Register this object under a name of its own, and apply it."""
        name = f"_{type(self).__name__}_{next(PythonOp._count)}"
        PROPERTIES[name] = lambda: _Older(self, op)
        return symbol.Custom(*args, op_type=name, **kwargs)


class NumpyOp(PythonOp):
    """An operator whose ``forward`` and ``backward`` get NumPy arrays."""

    def get_symbol(self, *args: Any, **kwargs: Any) -> Any:
        """A symbol that applies the operator to symbols."""
        return self._symbol(_OnHost(self), args, kwargs)


class NDArrayOp(PythonOp):
    """An operator whose ``forward`` and ``backward`` get NDArrays."""

    def get_symbol(self, *args: Any, **kwargs: Any) -> Any:
        """A symbol that applies the operator to symbols."""
        return self._symbol(_OnArrays(self), args, kwargs)

    def declare_backward_dependency(
        self, out_grad: list[int], in_data: list[int], out_data: list[int]
    ) -> list[int]:
        """Which of the numbered arrays the backward reads."""
        return [*(out_grad if self.need_top_grad() else []), *in_data, *out_data]


class _Older(CustomOpProp):
    """The property that an older operator's object gives."""

    def __init__(self, older: PythonOp, op: CustomOp) -> None:
        super().__init__(older.need_top_grad())
        self.older, self.op = older, op

    def list_arguments(self) -> list[str]:
        return self.older.list_arguments()

    def list_outputs(self) -> list[str]:
        return self.older.list_outputs()

    def infer_shape(self, in_shape: list[Any]) -> tuple[Any, ...]:
        return self.older.infer_shape(in_shape)

    def create_operator(self, ctx: Any, in_shapes: list[Any], in_dtypes: list[int]) -> CustomOp:
        return self.op


class _OnArrays(CustomOp):
    """An older operator on NDArrays."""

    def __init__(self, older: PythonOp) -> None:
        self.older = older

    def forward(self, is_train: Any, req: Any, in_data: Any, out_data: Any, aux: Any) -> None:
        self.older.forward(in_data=in_data, out_data=out_data)

    def backward(
        self, req: Any, out_grad: Any, in_data: Any, out_data: Any, in_grad: Any, aux: Any
    ) -> None:
        self.older.backward(out_grad=out_grad, in_data=in_data, out_data=out_data, in_grad=in_grad)


class _OnHost(_OnArrays):
    """An older operator on NumPy arrays, which are copied back."""

    def forward(self, is_train: Any, req: Any, in_data: Any, out_data: Any, aux: Any) -> None:
        results = _on_host(out_data)
        super().forward(is_train, req, _on_host(in_data), results, aux)
        _copy_back(out_data, results)

    def backward(
        self, req: Any, out_grad: Any, in_data: Any, out_data: Any, in_grad: Any, aux: Any
    ) -> None:
        results = _on_host(in_grad)
        given = _on_host(out_grad), _on_host(in_data), _on_host(out_data)
        super().backward(req, *given, results, aux)
        _copy_back(in_grad, results)


def _on_host(arrays: Any) -> list[Any]:
    return [one.asnumpy() for one in arrays]


def _copy_back(targets: Any, values: Any) -> None:
    for target, value in zip(targets, values, strict=True):
        target[:] = value


# ---- what operators there are -----------------------------------------------------------------


class OperatorArguments(NamedTuple):
    """Names and types, in words, of the inputs and parameters of an operator."""

    narg: int
    names: list[str]
    types: list[str]


def get_all_registered_operators() -> list[str]:
    """The names of all operators, aliases too, in alphabetical order."""
    return sorted(all_names())


def get_operator_arguments(op_name: str) -> OperatorArguments:
    """The inputs and parameters of an operator.

    Raises UnknownOperator for a name that no operator has.
    """
    op = find(op_name) or get(op_name)
    names = [*op.inputs, *op.params]
    types = ["NDArray-or-Symbol[]" if op.variadic else "NDArray-or-Symbol"] * len(op.inputs)
    return OperatorArguments(
        len(names), names, types + [_described(param) for param in op.params.values()]
    )


def _described(param: Param) -> str:
    """A parameter in MXNet's words: type, whether it is required, default."""
    words = param.describe()
    if isinstance(param, Enum):
        words = (
            "{" + ", ".join([*(["None"] * param.optional), *map(repr, sorted(param.words))]) + "}"
        )
    if param.required:
        return f"{words}, required"
    default = None if param.default is None else param.print(param.default)
    return f"{words}, optional, default={default}"
