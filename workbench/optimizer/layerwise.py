"""One more factor of the rate for each layer, by the norms of its weight and its step."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any

from .. import ndarray as nd
from ..ndarray.update import update
from ..ops import get
from .base import Optimizer, register, zeros_like

__all__ = ["LAMB", "LARS", "LBSGD"]

_MULTI_LAMB, _MULTI_MP_LAMB = get("_multi_lamb_update"), get("_multi_mp_lamb_update")


@register
class LAMB(Optimizer):
    """Adam whose step of each layer is as long as its weight (You et al., arXiv:1904.00962).

    *lower_bound* and *upper_bound* limit the norm of the weight. The bias correction is left out
    when *bias_correction* is False.
    """

    aggregate_num = 1 << 30

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-6,
        lower_bound: float | None = None,
        upper_bound: float | None = None,
        bias_correction: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.lower_bound, self.upper_bound = lower_bound, upper_bound
        self.bias_correction = bias_correction

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """First and second moment, zeros like the weight."""
        return (zeros_like(weight), zeros_like(weight))

    def update_multi_precision(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update; norms are those of the weight itself, not of its float32 copy."""
        if isinstance(weight, (list, tuple)) or not self._keeps_master(weight):
            super().update_multi_precision(index, weight, grad, state)
            return
        master, moments = state
        options = self._many_options([index])
        parts = [weight, grad, *moments, master]
        update(_MULTI_MP_LAMB, parts, [weight], _MULTI_MP_LAMB.parse(options))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """One update of all given weights."""
        if not isinstance(index, (list, tuple)):
            index, weight, grad, state = [index], [weight], [grad], [state]
        options = self._many_options(index)
        groups = zip(weight, grad, state, strict=True)
        parts = [one for w, g, moments in groups for one in (w, g, *moments)]
        update(_MULTI_LAMB, parts, weight, _MULTI_LAMB.parse(options))

    def _many_options(self, index: Sequence[Any]) -> dict[str, Any]:
        self._update_count(index)
        options = self._options()
        for name in ("lower_bound", "upper_bound"):
            if getattr(self, name):
                options[name] = getattr(self, name)
        return options | {
            "learning_rates": self._get_lrs(index),
            "wds": self._get_wds(index),
            "step_count": [self._index_update_count[i] for i in index],
            "num_tensors": len(index),
            "beta1": self.beta1,
            "beta2": self.beta2,
            "epsilon": self.epsilon,
            "bias_correction": self.bias_correction,
        }


@register
class LARS(Optimizer):
    """SGD whose rate for each layer is ``lr · eta · |w| / (|g| + wd · |w| + eps)``.

    Biases, gammas and betas keep the plain rate. With *momentum_correction* the momentum is
    scaled when the rate changes. You, Gitman and Ginsburg (arXiv:1708.03888).
    """

    aggregate_num = 1 << 30
    _master_last = True

    def __init__(
        self,
        momentum: float = 0.0,
        lazy_update: bool = True,
        eta: float = 0.001,
        eps: float = 0,
        momentum_correction: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.momentum, self.momentum_correction = momentum, momentum_correction
        self.lazy_update, self.eta, self.eps, self.skip = lazy_update, eta, eps, 0
        self.last_lr: float | None = None
        self.cur_lr: float | None = None

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """The momentum, zeros like the weight; None without momentum."""
        return zeros_like(weight) if self.momentum else None

    def set_wd_mult(self, args_wd_mult: dict[Any, float]) -> None:
        """Factors of the weight decay; without one only weights decay, not gammas."""
        gammas = {name: 0.0 for name in self.idx2name.values() if not name.endswith("_weight")}
        super().set_wd_mult({**gammas, **self._from_symbol("__wd_mult__"), **args_wd_mult})

    def _get_lrs(self, indices: Sequence[Any]) -> list[float]:
        now = self.learning_rate
        self.last_lr = now if self.cur_lr is None else self.cur_lr
        self.cur_lr = now
        return super()._get_lrs(indices)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update the given weights, after one look at all their norms."""
        if not isinstance(index, (list, tuple)):
            index, weight, grad, state = [index], [weight], [grad], [state]
        self._update_count(index)
        lrs, wds = self._get_lrs(index), self._get_wds(index)
        scaled = [place for place, i in enumerate(index) if self._is_scaled(i)]
        if scaled:
            for place, lr in zip(
                scaled, self._by_norms(scaled, weight, grad, lrs, wds), strict=True
            ):
                lrs[place] = lr
        options = self._options()
        if self.momentum:
            options["momentum"] = self._corrected_momentum()
        for w, g, mom, lr, wd in zip(weight, grad, state, lrs, wds, strict=True):
            if mom is None:
                nd.sgd_update(w, g, out=w, lr=lr, wd=wd, **options)
            else:
                nd.sgd_mom_update(w, g, mom, out=w, lr=lr, wd=wd, **options)

    def _is_scaled(self, index: Any) -> bool:
        return not self.idx2name.get(index, str(index)).endswith(("gamma", "beta", "bias"))

    def _by_norms(
        self, places: list[int], weight: Any, grad: Any, lrs: list[float], wds: list[float]
    ) -> list[float]:
        ctx = weight[0].context
        weights, grads = [
            nd.multi_sum_sq(*[arrays[i] for i in places], num_arrays=len(places))
            for arrays in (weight, grad)
        ]
        own, decays = (nd.array([v[i] for i in places], ctx) for v in (lrs, wds))
        rates = nd.multi_lars(
            own, weights, grads, decays, eta=self.eta, eps=self.eps, rescale_grad=self.rescale_grad
        )
        return [float(rate) for rate in rates.asnumpy()]

    def _corrected_momentum(self) -> float:
        if self.momentum_correction and self.last_lr:
            return self.momentum * (self.cur_lr or 0.0) / self.last_lr
        return self.momentum


@register
class LBSGD(Optimizer):
    """SGD for large batches: gradients are summed over *batch_scale* calls, the rate warms up.

    *warmup_strategy* is ``linear``, ``power2``, ``sqrt`` (the rate grows to *batch_scale* times
    itself within *warmup_epochs* epochs of *updates_per_epoch* updates) or ``lars`` (the rate
    follows the norms of weight and gradient).
    """

    def __init__(
        self,
        momentum: float = 0.0,
        multi_precision: bool = False,
        warmup_strategy: str = "linear",
        warmup_epochs: int = 5,
        batch_scale: int = 1,
        updates_per_epoch: int = 32,
        begin_epoch: int = 0,
        num_epochs: int = 60,
        **kwargs: Any,
    ) -> None:
        super().__init__(multi_precision=multi_precision, **kwargs)
        logging.info("Running Large-Batch SGD Algorithm")
        logging.info(
            "(Batch_scale=%f, warmup_epochs=%d, warmup_strategy=%s, updates_per_epoch=%d)",
            batch_scale,
            warmup_epochs,
            warmup_strategy,
            updates_per_epoch,
        )
        self.momentum = momentum
        self.warmup_strategy, self.warmup_epochs = warmup_strategy, warmup_epochs
        self.batch_scale, self.updates_per_epoch = batch_scale, updates_per_epoch
        self.init_updates, self.num_epochs = begin_epoch * updates_per_epoch, num_epochs
        #: for each weight the sum of its gradients, and how many they are
        self.cumgrads: dict[Any, tuple[Any, int]] = {}

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """The momentum, zeros like the weight; None without momentum."""
        return zeros_like(weight) if self.momentum else None

    def _warmup(self, updates: int) -> float:
        """The factor of the rate after that many gradients."""
        whole, top = self.warmup_epochs * self.updates_per_epoch, float(self.batch_scale)
        if updates >= whole:
            return top
        share = updates / whole if whole > 1 else 0.0
        shape = {"linear": share, "power2": share * share, "sqrt": math.sqrt(share)}
        return 1.0 + (top - 1) * shape.get(self.warmup_strategy, 0.0)

    @staticmethod
    def _by_norms(weight: Any, grad: Any, wd: float) -> float:
        """The factor by norms, within 0.01 and 100."""
        w, g = (float((v * v).sum().asscalar()) for v in (weight, grad))
        return min(100.0, max(0.01, math.sqrt(w / (g + wd * w + 1e-18))))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Take one more gradient; update the weight once *batch_scale* have come."""
        lr, wd = self._get_lr(index), self._get_wd(index)
        self._update_count(index)
        total, count = self.cumgrads.get(index, (None, self.init_updates))
        total = grad.copy() if total is None else total + grad
        count = self.init_updates + 1 if count == 0 else count + 1
        self.cumgrads[index] = (total, count)
        if count % self.batch_scale:
            return
        grad = total / self.batch_scale
        by_norms = self.warmup_strategy == "lars"
        lr *= self._by_norms(weight, grad, wd) if by_norms else self._warmup(count)
        options = {"lr": lr, "wd": wd, **self._options()}
        if state is None:
            nd.sgd_update(weight, grad, out=weight, **options)
        else:
            nd.sgd_mom_update(weight, grad, state, out=weight, momentum=self.momentum, **options)
        self.cumgrads[index] = (None, count)
