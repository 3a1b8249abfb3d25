"""Normalization layers."""

from __future__ import annotations

from typing import Any

from ...dtypes import dtype_name
from ..hybrid import HybridBlock

__all__ = ["BatchNorm"]


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
        self._kwargs = {
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
