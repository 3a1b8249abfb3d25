"""Optimizer: counts updates, knows rates and weight decay of each parameter."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .. import ndarray as nd
from ..error import ParameterError, message, user_line

__all__ = ["Optimizer", "create", "register"]


class Optimizer:
    """Base of all update rules.

    Parameters
    ----------
    rescale_grad : float
        gradients are multiplied by this first (the Trainer sets 1 / batch size)
    param_idx2name : dict of int to str, optional
        names of the parameters; weight decay then applies to ``_weight`` and ``_gamma`` only
    wd : float
        weight decay (L2): ``wd * weight`` is added to the gradient
    clip_gradient : float, optional
        gradients are clipped to [-clip_gradient, clip_gradient] after rescaling
    learning_rate : float, optional
        default 0.01
    lr_scheduler : LRScheduler, optional
        gives the rate from the number of updates
    begin_num_update : int
        where counting starts
    multi_precision : bool
        keep a float32 copy of float16 weights
    param_dict : dict of int to Parameter, optional
        whose ``lr_mult`` and ``wd_mult`` count
    """

    opt_registry: ClassVar[dict[str, type[Optimizer]]] = {}
    #: how many parameters one call of ``update`` takes; 0 for one
    aggregate_num: int = 0
    #: whether the float32 copy stands behind the state it goes with, as MXNet files have it
    _master_last = False

    def __init__(
        self,
        rescale_grad: float = 1.0,
        param_idx2name: dict[int, str] | None = None,
        wd: float = 0.0,
        clip_gradient: float | None = None,
        learning_rate: float | None = None,
        lr_scheduler: Any = None,
        sym: Any = None,
        begin_num_update: int = 0,
        multi_precision: bool = False,
        param_dict: dict[int, Any] | None = None,
    ) -> None:
        self.rescale_grad, self.wd, self.clip_gradient = rescale_grad, wd, clip_gradient
        self.lr_scheduler = lr_scheduler
        if lr_scheduler is None:
            self.lr = 0.01 if learning_rate is None else learning_rate
        elif learning_rate is None:
            self.lr = lr_scheduler.base_lr
        else:
            if lr_scheduler.base_lr != learning_rate:
                print(
                    UserWarning(
                        "learning rate from ``lr_scheduler`` has been overwritten by "
                        "``learning_rate`` in optimizer."
                    )
                )
                lr_scheduler.base_lr = learning_rate
            self.lr = learning_rate
        self.begin_num_update = self.num_update = begin_num_update
        self._all_index_update_counts: dict[Any, dict[Any, int]] = {0: {}}
        self._index_update_count = self._all_index_update_counts[0]
        self.multi_precision = multi_precision
        self.idx2name = dict(param_idx2name or {})
        self.sym_info = (sym.attr_dict(), sym.list_arguments()) if sym is not None else ()
        self.param_dict = param_dict or {}
        self.lr_mult: dict[Any, float] = {}
        self.wd_mult: dict[Any, float] = {}
        self.set_lr_mult({})
        self.set_wd_mult({})

    @staticmethod
    def register(klass: type[Optimizer]) -> type[Optimizer]:
        """Class decorator: make an optimizer known by its lower-case name."""
        name = klass.__name__.lower()
        if name in Optimizer.opt_registry:
            warnings.warn(
                f"New optimizer {klass.__module__}.{klass.__name__} is overriding existing "
                f"optimizer {name}",
                stacklevel=2,
            )
        Optimizer.opt_registry[name] = klass
        return klass

    @staticmethod
    def create_optimizer(name: str, **kwargs: Any) -> Optimizer:
        """The optimizer of that name; ParameterError when there is none."""
        found = Optimizer.opt_registry.get(name.lower())
        if found is None:
            raise ParameterError(
                message(
                    f"Cannot find optimizer {name}",
                    where=[f"there are {', '.join(sorted(Optimizer.opt_registry))}", user_line()],
                    fix="Use one of these names, or register a class of your own.",
                )
            )
        return found(**kwargs)

    # ---- what a rule defines ----------------------------------------------------------------

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """The state that goes with a weight (momentum, ...), or None."""
        return None

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight, or lists of weights of which index, grad and state are lists too."""
        raise NotImplementedError(f"{type(self).__name__} must define update()")

    def create_state_multi_precision(self, index: Any, weight: nd.NDArray) -> Any:
        """The state of a weight; with a float32 copy of a float16 weight."""
        if self._keeps_master(weight):
            master = weight.astype("float32")
            state = self.create_state(index, master)
            return (state, master) if self._master_last else (master, state)
        return self.create_state(index, weight)

    def _keeps_master(self, weight: nd.NDArray) -> bool:
        return self.multi_precision and weight.dtype == np.float16

    def update_multi_precision(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update, through the float32 copies where there are some."""
        if isinstance(weight, (list, tuple)) and any(map(self._keeps_master, weight)):
            for group in zip(index, weight, grad, state, strict=True):
                self.update_multi_precision(*group)
            return
        if isinstance(weight, (list, tuple)) or not self._keeps_master(weight):
            self.update(index, weight, grad, state)
            return
        inner, master = state if self._master_last else state[::-1]
        self.update(index, master, grad.astype("float32"), inner)
        weight[:] = master

    # ---- rates ------------------------------------------------------------------------------

    @property
    def learning_rate(self) -> float:
        """The present rate, before the parameters' own factors."""
        return self.lr if self.lr_scheduler is None else self.lr_scheduler(self.num_update)

    def set_learning_rate(self, lr: float) -> None:
        """Set the rate; UserWarning is raised when a scheduler sets it."""
        if self.lr_scheduler is not None:
            raise UserWarning(
                "LRScheduler of the optimizer has already been defined. Note that "
                "set_learning_rate can mutate the value of the learning rate of the optimizer "
                "only when the LRScheduler of the optimizer is undefined."
            )
        self.lr = lr

    def set_lr_mult(self, args_lr_mult: dict[Any, float]) -> None:
        """Factors of the rate by parameter name (or index)."""
        self.lr_mult = self._from_symbol("__lr_mult__")
        self.lr_mult.update(args_lr_mult)

    def set_wd_mult(self, args_wd_mult: dict[Any, float]) -> None:
        """Factors of the weight decay by parameter name (or index)."""
        self.wd_mult = {
            name: 0.0 for name in self.idx2name.values() if not name.endswith(("_weight", "_gamma"))
        }
        self.wd_mult.update(self._from_symbol("__wd_mult__"))
        self.wd_mult.update(args_wd_mult)

    def _from_symbol(self, key: str) -> dict[Any, float]:
        if not self.sym_info:
            return {}
        attributes, names = self.sym_info
        return {n: float(attributes[n][key]) for n in names if key in attributes.get(n, {})}

    def _set_current_context(self, device_id: int) -> None:
        self._index_update_count = self._all_index_update_counts.setdefault(device_id, {})

    def _update_count(self, index: Any) -> None:
        counts, begin = self._index_update_count, self.begin_num_update
        for one in index if isinstance(index, (list, tuple)) else (index,):
            count = counts[one] = counts.get(one, begin) + 1
            if count > self.num_update:
                self.num_update = count

    def _named_factor(self, index: Any, by_name: dict[Any, float]) -> float:
        if index in by_name:
            return by_name[index]
        return by_name.get(self.idx2name.get(index), 1.0)

    def _get_lrs(self, indices: Sequence[Any]) -> list[float]:
        lr, params, named = self.learning_rate, self.param_dict, self._named_factor
        return [
            lr * (params[i].lr_mult if i in params else named(i, self.lr_mult)) for i in indices
        ]

    def _get_wds(self, indices: Sequence[Any]) -> list[float]:
        wd, params, named = self.wd, self.param_dict, self._named_factor
        return [
            wd * (params[i].wd_mult if i in params else named(i, self.wd_mult)) for i in indices
        ]

    def _get_lr(self, index: Any) -> float:
        return self._get_lrs([index])[0]

    def _get_wd(self, index: Any) -> float:
        return self._get_wds([index])[0]

    def _begin(self, index: Any) -> dict[str, Any]:
        """Count an update; the keywords of its operator: lr, wd and those of all updates."""
        self._update_count(index)
        return {"lr": self._get_lr(index), "wd": self._get_wd(index), **self._options()}

    def _options(self) -> dict[str, Any]:
        """The keywords that every update operator takes."""
        options: dict[str, Any] = {"rescale_grad": self.rescale_grad}
        if self.clip_gradient is not None:
            options["clip_gradient"] = self.clip_gradient
        return options

    def _gradient(self, grad: nd.NDArray, decay: nd.NDArray | float = 0.0) -> nd.NDArray:
        """The gradient times ``rescale_grad``, plus *decay*, clipped."""
        made = grad * self.rescale_grad
        if isinstance(decay, nd.NDArray) or decay:
            made += decay
        if self.clip_gradient is not None:
            made = nd.clip(made, -self.clip_gradient, self.clip_gradient)
        return made

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        state["param_dict"] = {}
        # MXNet's optimizers carry these too, and miss them when they are read there
        state["aggregate_num"], state["allow_np_array"] = max(1, self.aggregate_num), False
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for name in ("aggregate_num", "allow_np_array"):
            self.__dict__.pop(name, None)
        self.__dict__.setdefault("param_dict", {})
        self._index_update_count = self._all_index_update_counts.setdefault(0, {})


def zeros_like(weight: nd.NDArray, lazy: bool = True) -> nd.NDArray:
    """A state as it begins: zeros of the weight's shape, on its device, and in its storage.

    Dense where *lazy* is False: of a row_sparse weight all rows are updated then.
    """
    stype = weight.stype if lazy else "default"
    return nd.zeros(weight.shape, weight.context, dtype=weight.dtype, stype=stype)


register = Optimizer.register
create = Optimizer.create_optimizer
