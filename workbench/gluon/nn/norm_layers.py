"""Normalization layers."""

from __future__ import annotations

from typing import Any

from ...dtypes import dtype_name
from ..hybrid import HybridBlock

__all__ = ["BatchNorm", "BatchNormReLU", "GroupNorm", "InstanceNorm", "LayerNorm"]


class BatchNorm(HybridBlock):
    """Normalizes each channel over the batch (Ioffe and Szegedy, arXiv:1502.03167).

    While training the batch's own mean and variance are used, and the running ones move towards
    them (when backward runs, as in MXNet); otherwise the running ones are used.

    Parameters
    ----------
    axis : int
        the channel axis
    momentum : float
        share of the old running value that is kept
    epsilon : float
        added to the variance
    center, scale : bool
        whether beta and gamma are learned
    use_global_stats : bool
        use the running values also while training
    in_channels : int
        0 lets the first call tell
    """

    def __init__(
        self,
        axis: int = 1,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        use_global_stats: bool = False,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        running_mean_initializer: Any = "zeros",
        running_variance_initializer: Any = "ones",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._kwargs: dict[str, Any] = {
            "axis": axis,
            "eps": epsilon,
            "momentum": momentum,
            "fix_gamma": not scale,
            "use_global_stats": use_global_stats,
        }
        self._axis = axis

        def parameter(name: str, init: Any, learned: bool, state: bool = False) -> Any:
            return self.params.get(
                name,
                grad_req="write" if learned else "null",
                shape=(in_channels,),
                init=init,
                allow_deferred_init=True,
                differentiable=learned and not state,
            )

        self.gamma = parameter("gamma", gamma_initializer, scale)
        self.beta = parameter("beta", beta_initializer, center)
        self.running_mean = parameter("running_mean", running_mean_initializer, False, True)
        self.running_var = parameter("running_var", running_variance_initializer, False, True)

    def cast(self, dtype: Any) -> None:
        """Convert; float16 data keeps float32 statistics."""
        super().cast("float32" if dtype_name(dtype) == "float16" else dtype)

    def hybrid_forward(
        self, F: Any, x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any
    ) -> Any:
        """Normalize, scale and shift."""
        return F.BatchNorm(x, gamma, beta, running_mean, running_var, name="fwd", **self._kwargs)

    def __repr__(self) -> str:
        words = [f"{k}={v!r}" for k, v in self._kwargs.items()]
        channels = self.gamma.shape[0] or None
        return f"{type(self).__name__}({', '.join(words)}, in_channels={channels})"


class BatchNormReLU(BatchNorm):
    """:class:`BatchNorm` followed by ReLU, as one operator."""

    def hybrid_forward(
        self, F: Any, x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any
    ) -> Any:
        """Normalize, scale and shift; then ReLU."""
        return F.contrib.BatchNormWithReLU(
            x, gamma, beta, running_mean, running_var, name="fwd", **self._kwargs
        )


class LayerNorm(HybridBlock):
    """Normalizes each sample along one axis (Ba et al., arXiv:1607.06450).

    Parameters
    ----------
    axis : int
        the axis of the mean and the variance
    epsilon : float
        added to the variance
    center, scale : bool
        whether beta and gamma are learned
    in_channels : int
        size of that axis; 0 lets the first call tell
    """

    def __init__(
        self,
        axis: int = -1,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        in_channels: int = 0,
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        self._kwargs = {"eps": epsilon, "axis": axis, "center": center, "scale": scale}
        self._axis, self._epsilon = axis, epsilon
        self.gamma, self.beta = _scale_and_shift(
            self, in_channels, gamma_initializer, beta_initializer
        )

    def hybrid_forward(self, F: Any, data: Any, gamma: Any, beta: Any) -> Any:
        """Normalize, scale and shift."""
        return F.LayerNorm(data, gamma, beta, axis=self._axis, eps=self._epsilon, name="fwd")

    def __repr__(self) -> str:
        words = ", ".join(f"{key}={value!r}" for key, value in self._kwargs.items())
        return f"{type(self).__name__}({words}, in_channels={self.gamma.shape[0]})"


def _scale_and_shift(layer: Any, size: int, gamma: Any, beta: Any) -> list[Any]:
    """A layer's gamma and beta, learned where its ``scale`` and ``center`` say so."""
    return [
        layer.params.get(
            name,
            grad_req="write" if layer._kwargs[learned] else "null",
            shape=(size,),
            init=init,
            allow_deferred_init=True,
        )
        for name, init, learned in (("gamma", gamma, "scale"), ("beta", beta, "center"))
    ]


class InstanceNorm(HybridBlock):
    """Normalizes each channel of each sample (Ulyanov et al., arXiv:1607.08022).

    Parameters are those of :class:`LayerNorm`; *axis* is the channel axis.
    """

    def __init__(
        self,
        axis: int = 1,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = False,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._kwargs = {"eps": epsilon, "axis": axis, "center": center, "scale": scale}
        self._axis, self._epsilon = axis, epsilon
        self.gamma, self.beta = _scale_and_shift(
            self, in_channels, gamma_initializer, beta_initializer
        )

    def hybrid_forward(self, F: Any, x: Any, gamma: Any, beta: Any) -> Any:
        """Normalize, scale and shift."""
        if self._axis == 1:
            return F.InstanceNorm(x, gamma, beta, name="fwd", eps=self._epsilon)
        x = F.swapaxes(x, dim1=1, dim2=self._axis)
        out = F.InstanceNorm(x, gamma, beta, name="fwd", eps=self._epsilon)
        return F.swapaxes(out, dim1=1, dim2=self._axis)

    def __repr__(self) -> str:
        words = ", ".join(f"{key}={value!r}" for key, value in self._kwargs.items())
        return f"{type(self).__name__}({words}, in_channels={self.gamma.shape[0]})"


class GroupNorm(HybridBlock):
    """Normalizes groups of channels of each sample (Wu and He, arXiv:1803.08494).

    As in MXNet 1.9.1 gamma and beta have one element per group.
    """

    def __init__(
        self,
        num_groups: int = 1,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        self._kwargs = {"eps": epsilon, "num_groups": num_groups, "center": center, "scale": scale}
        self._num_groups, self._epsilon = num_groups, epsilon
        self.gamma, self.beta = _scale_and_shift(
            self, num_groups, gamma_initializer, beta_initializer
        )

    def hybrid_forward(self, F: Any, data: Any, gamma: Any, beta: Any) -> Any:
        """Normalize, scale and shift."""
        return F.GroupNorm(data, gamma, beta, num_groups=self._num_groups, eps=self._epsilon)

    def __repr__(self) -> str:
        words = ", ".join(f"{key}={value!r}" for key, value in self._kwargs.items())
        return f"{type(self).__name__}({words})"
