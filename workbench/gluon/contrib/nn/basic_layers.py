"""Parallel branches, pixel shuffling, embeddings with sparse gradients, shared statistics."""

from __future__ import annotations

import warnings
from typing import Any

from .... import context, ndarray as nd
from ...block import Block
from ...hybrid import HybridBlock
from ...nn import BatchNorm, HybridSequential, Sequential

__all__ = [
    "Concurrent",
    "HybridConcurrent",
    "Identity",
    "PixelShuffle1D",
    "PixelShuffle2D",
    "PixelShuffle3D",
    "SparseEmbedding",
    "SyncBatchNorm",
]


class Concurrent(Sequential):
    """Hands its input to every child, and joins what they give along *axis*.

    >>> from workbench.gluon import contrib, nn
    >>> net = contrib.nn.Concurrent(axis=1)
    >>> net.add(nn.Dense(2), nn.Dense(3))
    >>> net.initialize()
    >>> net(nd.ones((1, 4))).shape
    (1, 5)
    """

    def __init__(self, axis: int = -1, prefix: str | None = None, params: Any = None) -> None:
        super().__init__(prefix=prefix, params=params)
        self.axis = axis

    def forward(self, x: Any) -> Any:
        """The outputs of all children, one after the other along the axis."""
        return nd.concat(*[child(x) for child in self._children.values()], dim=self.axis)


class HybridConcurrent(HybridSequential):
    """:class:`Concurrent` of HybridBlocks; ``hybridize()`` makes it one graph."""

    def __init__(self, axis: int = -1, prefix: str | None = None, params: Any = None) -> None:
        super().__init__(prefix=prefix, params=params)
        self.axis = axis

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The outputs of all children, one after the other along the axis."""
        return F.concat(*[child(x) for child in self._children.values()], dim=self.axis)


class Identity(HybridBlock):
    """Gives back its input: a branch of :class:`HybridConcurrent` that keeps it."""

    def __init__(self, prefix: str | None = None, params: Any = None) -> None:
        super().__init__(prefix=prefix, params=params)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The input."""
        return x


class SparseEmbedding(Block):
    """Rows of a table by their numbers, (...) → (..., output_dim), for large tables.

    Weight and gradient are ``row_sparse``: an optimizer touches only rows that occurred.

    Parameters
    ----------
    input_dim : int
        how many rows the table has
    output_dim : int
        how long a row is
    dtype : str
    weight_initializer : Initializer or str, optional
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        dtype: Any = "float32",
        weight_initializer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._kwargs = {
            "input_dim": input_dim,
            "output_dim": output_dim,
            "dtype": dtype,
            "sparse_grad": True,
        }
        self.weight = self.params.get(
            "weight",
            shape=(input_dim, output_dim),
            init=weight_initializer,
            dtype=dtype,
            grad_stype="row_sparse",
            stype="row_sparse",
        )

    def forward(self, x: Any) -> Any:
        """Look the rows up."""
        return nd.Embedding(x, self.weight.row_sparse_data(x), name="fwd", **self._kwargs)

    def __repr__(self) -> str:
        k = self._kwargs
        return f"{type(self).__name__}({k['input_dim']} -> {k['output_dim']}, {k['dtype']})"


class SyncBatchNorm(BatchNorm):
    """BatchNorm over a batch whose parts lie on several devices (Zhang et al., arXiv:1803.08904).

    Parameters
    ----------
    in_channels : int
        size of axis 1; 0 lets the first call tell
    num_devices : int, optional
        devices that have a part of the batch; the number of GPUs without it, with a warning
    momentum, epsilon, center, scale, use_global_stats, ..._initializer :
        as in :class:`~workbench.gluon.nn.BatchNorm`
    """

    def __init__(
        self,
        in_channels: int = 0,
        num_devices: int | None = None,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        use_global_stats: bool = False,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        running_mean_initializer: Any = "zeros",
        running_variance_initializer: Any = "ones",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            1,
            momentum,
            epsilon,
            center,
            scale,
            use_global_stats,
            beta_initializer,
            gamma_initializer,
            running_mean_initializer,
            running_variance_initializer,
            in_channels,
            **kwargs,
        )
        if num_devices is None:
            warnings.warn(
                "SyncBatchNorm takes all GPUs for devices of the batch: set num_devices where "
                "others are used",
                stacklevel=2,
            )
            num_devices = max(1, context.num_gpus())
        self._kwargs: dict[str, Any] = {
            "eps": epsilon,
            "momentum": momentum,
            "fix_gamma": not scale,
            "use_global_stats": use_global_stats,
            "ndev": num_devices,
            "key": self.prefix,
        }

    def hybrid_forward(
        self, F: Any, x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any
    ) -> Any:
        """Normalize, scale and shift."""
        return F.contrib.SyncBatchNorm(
            x, gamma, beta, running_mean, running_var, name="fwd", **self._kwargs
        )


class _PixelShuffle(HybridBlock):
    """What the three shuffles share: channels become *factors* times as many pixels."""

    _rank = 0

    def __init__(self, factor: Any) -> None:
        super().__init__()
        if isinstance(factor, (tuple, list)):
            assert len(factor) == self._rank, f"{self._rank} factors are expected, got {factor}"
            self._factors = tuple(map(int, factor))
        else:
            self._factors = (int(factor),) * self._rank

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Move the factors out of the channels, one axis after the other."""
        rank = self._rank
        for axis, factor in enumerate(self._factors):
            rest = 1
            for one in self._factors[axis + 1 :]:
                rest *= one
            # (N, C · factor · rest, ..., size, ...) → (N, C · rest, ..., size · factor, ...)
            place = 2 + axis
            x = F.reshape(x, shape=(0, -4, -1, factor * rest, *(0,) * rank))
            x = F.reshape(x, shape=(0, 0, -4, factor, rest, *(0,) * rank))
            # the factor goes behind the size of its axis, which is now at place + 2
            order = [0, 1, 3, *range(4, place + 3), 2, *range(place + 3, rank + 4)]
            x = F.transpose(x, axes=tuple(order))
            x = F.reshape(x, shape=(0, -3, *(0,) * axis, -3, *(0,) * (rank - axis - 1)))
        return x

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._factors})"


class PixelShuffle1D(_PixelShuffle):
    """Groups of channels as neighbouring pixels: (N, f · C, W) → (N, C, f · W)."""

    _rank = 1

    def __init__(self, factor: int) -> None:
        super().__init__(factor)
        self._factor = self._factors[0]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._factor})"


class PixelShuffle2D(_PixelShuffle):
    """Groups of channels as blocks: (N, f₁ f₂ · C, H, W) → (N, C, f₁ · H, f₂ · W).

    Enlarges images that a convolution made (Shi et al., arXiv:1609.05158). *factor* is a number,
    or one for each axis.
    """

    _rank = 2


class PixelShuffle3D(_PixelShuffle):
    """Groups of channels as blocks: (N, f₁ f₂ f₃ · C, D, H, W) → (N, C, f₁ · D, f₂ · H, f₃ · W)."""

    _rank = 3
