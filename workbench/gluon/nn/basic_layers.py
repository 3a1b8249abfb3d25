"""Dense, Dropout, Embedding, Flatten, and layers from a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._surface import getattr_for
from ...dtypes import dtype_name
from ..block import Block
from ..hybrid import HybridBlock
from .activations import Activation

__all__ = ["Dense", "Dropout", "Embedding", "Flatten", "HybridLambda", "Lambda"]

__getattr__ = getattr_for(__name__)


class Dense(HybridBlock):
    """``activation(x · weightᵀ + bias)``.

    Parameters
    ----------
    units : int
        size of the output
    activation : str, optional
        name of an activation, see :class:`Activation`
    use_bias, flatten : bool
        *flatten* collapses all axes but the first; without it the last axis is transformed
    dtype : str or numpy dtype
    weight_initializer, bias_initializer : Initializer or str, optional
    in_units : int
        size of the input; 0 lets the first call tell
    """

    def __init__(
        self,
        units: int,
        activation: str | None = None,
        use_bias: bool = True,
        flatten: bool = True,
        dtype: Any = "float32",
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_units: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._flatten, self._units, self._in_units = flatten, units, in_units
        with self.name_scope():
            self.weight = self.params.get(
                "weight",
                shape=(units, in_units),
                init=weight_initializer,
                dtype=dtype,
                allow_deferred_init=True,
            )
            self.bias = None
            if use_bias:
                self.bias = self.params.get(
                    "bias",
                    shape=(units,),
                    init=bias_initializer,
                    dtype=dtype,
                    allow_deferred_init=True,
                )
            self.act = (
                None if activation is None else Activation(activation, prefix=activation + "_")
            )

    def hybrid_forward(self, F: Any, x: Any, weight: Any, bias: Any = None) -> Any:
        """The affine map, then the activation."""
        out = F.FullyConnected(
            x,
            weight,
            bias,
            no_bias=bias is None,
            num_hidden=self._units,
            flatten=self._flatten,
            name="fwd",
        )
        return out if self.act is None else self.act(out)

    def __repr__(self) -> str:
        units, inner = self.weight.shape or (0, 0)
        size = f"{inner or None} -> {units}"
        return f"{type(self).__name__}({size}, {self.act if self.act else 'linear'})"


class Dropout(HybridBlock):
    """Sets elements to zero with probability *rate* while training, scales the others up.

    *axes* share one decision along them.
    """

    def __init__(self, rate: float, axes: Any = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._rate, self._axes = rate, axes

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Drop, when training."""
        if self._rate > 0:
            return F.Dropout(x, p=self._rate, axes=self._axes, name="fwd", cudnn_off=False)
        return F.identity(x)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p = {self._rate}, axes={self._axes})"


class Embedding(HybridBlock):
    """Rows of a table: indices (any shape) to vectors of *output_dim* along a new last axis."""

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        dtype: Any = "float32",
        weight_initializer: Any = None,
        sparse_grad: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._kwargs = {
            "input_dim": input_dim,
            "output_dim": output_dim,
            "dtype": dtype,
            "sparse_grad": sparse_grad,
        }
        self.weight = self.params.get(
            "weight",
            shape=(input_dim, output_dim),
            init=weight_initializer,
            dtype=dtype,
            allow_deferred_init=True,
            grad_stype="row_sparse" if sparse_grad else "default",
        )

    def hybrid_forward(self, F: Any, x: Any, weight: Any) -> Any:
        """Look the rows up."""
        return F.Embedding(x, weight, name="fwd", **self._kwargs)

    def __repr__(self) -> str:
        name = dtype_name(self._kwargs["dtype"])
        return (
            f"{type(self).__name__}({self._kwargs['input_dim']} -> "
            f"{self._kwargs['output_dim']}, {name})"
        )


class Flatten(HybridBlock):
    """Collapses all axes but the first: (N, C, H, W) to (N, C·H·W)."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Flatten."""
        return F.Flatten(x)

    def __repr__(self) -> str:
        return type(self).__name__


class Lambda(Block):
    """A Block from a function, or from the name of an ``nd`` function."""

    def __init__(self, function: str | Callable[..., Any], prefix: str | None = None) -> None:
        super().__init__(prefix=prefix)
        from ... import ndarray as nd

        if isinstance(function, str):
            assert hasattr(nd, function), f"Function name {function} is not found in ndarray."
            self._func_impl = getattr(nd, function)
        elif callable(function):
            self._func_impl = function
        else:
            raise ValueError(
                f"Unrecognized function in lambda: {function} of type {type(function)}"
            )

    def forward(self, *args: Any) -> Any:
        """Call the function."""
        return self._func_impl(*args)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._func_impl.__name__})"


class HybridLambda(HybridBlock):
    """A HybridBlock from a function ``f(F, x, ...)``, or from the name of an operator."""

    def __init__(self, function: str | Callable[..., Any], prefix: str | None = None) -> None:
        super().__init__(prefix=prefix)
        if isinstance(function, str):
            from ... import ndarray as nd

            assert hasattr(nd, function), (
                f"Function name {function} is not found in symbol/ndarray."
            )
            name = function
            self._func = lambda F, *args: getattr(F, name)(*args)
            self._func_name = name
        elif callable(function):
            self._func = function
            self._func_name = function.__name__
        else:
            raise ValueError(
                f"Unrecognized function in lambda: {function} of type {type(function)}"
            )

    def hybrid_forward(self, F: Any, x: Any, *args: Any) -> Any:
        """Call the function."""
        return self._func(F, x, *args)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._func_name})"
