"""BucketingModule: one network per bucket, as for sentences of different lengths."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from .. import ndarray as nd, symbol as sym
from ..context import cpu
from ..initializer import Uniform
from ..model import load_params
from ..name import NameManager
from .base_module import BaseModule
from .checks import check_input_names, require
from .module import Module

__all__ = ["BucketingModule"]


class BucketingModule(BaseModule):
    """A module for each bucket key, over the same parameters.

    Parameters
    ----------
    sym_gen : callable
        ``bucket_key -> (symbol, data_names, label_names)``
    default_bucket_key : object
        The bucket of the largest network: it is bound first.
    logger, context, work_load_list, fixed_param_names, state_names, group2ctxs, compression_params
        As for :class:`Module`.
    """

    def __init__(
        self,
        sym_gen: Callable[[Any], Any],
        default_bucket_key: Any = None,
        logger: Any = logging,
        context: Any = cpu(),  # noqa: B008
        work_load_list: Sequence[float] | None = None,
        fixed_param_names: Sequence[str] | None = None,
        state_names: Sequence[str] | None = None,
        group2ctxs: Any = None,
        compression_params: Any = None,
    ) -> None:
        super().__init__(logger)
        require(default_bucket_key is not None, "BucketingModule needs a default_bucket_key")
        self._default_bucket_key, self._sym_gen = default_bucket_key, sym_gen
        symbol, data_names, label_names = self._call_sym_gen(default_bucket_key)
        check_input_names(symbol, list(data_names or ()), "data", True)
        check_input_names(symbol, list(label_names or ()), "label", False)
        check_input_names(symbol, list(state_names or ()), "state", True)
        check_input_names(symbol, list(fixed_param_names or ()), "fixed_param", True)
        self._options = {
            "logger": logger,
            "context": context,
            "work_load_list": work_load_list,
            "fixed_param_names": fixed_param_names,
            "state_names": state_names,
            "group2ctxs": group2ctxs,
            "compression_params": compression_params,
        }
        self._params_dirty = False
        self._monitor: Any = None
        self._grad_req: Any = None
        self._reset_bind()

    def _reset_bind(self) -> None:
        self.binded = False
        self._buckets: dict[Any, Module] = {}
        self._curr_module: Any = None
        self._curr_bucket_key: Any = None

    def _call_sym_gen(self, key: Any) -> tuple[Any, Any, Any]:
        with NameManager():  # each bucket's network has the same automatic names
            return self._sym_gen(key)

    # ---- names and shapes -------------------------------------------------------------------

    @property
    def data_names(self) -> list[str]:
        """The names of the inputs of the current bucket."""
        if self.binded:
            return self._curr_module.data_names
        return list(self._call_sym_gen(self._default_bucket_key)[1])

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs of the current bucket."""
        if self.binded:
            return self._curr_module.output_names
        return self._call_sym_gen(self._default_bucket_key)[0].list_outputs()

    @property
    def data_shapes(self) -> Any:
        """Descriptions of the inputs of the current bucket."""
        self._need(params=False)
        return self._curr_module.data_shapes

    @property
    def label_shapes(self) -> Any:
        """Descriptions of the labels of the current bucket."""
        self._need(params=False)
        return self._curr_module.label_shapes

    @property
    def output_shapes(self) -> Any:
        """Names and shapes of the outputs of the current bucket."""
        self._need(params=False)
        return self._curr_module.output_shapes

    @property
    def symbol(self) -> Any:
        """The symbol of the current bucket."""
        self._need(params=False)
        return self._curr_module.symbol

    # ---- parameters -------------------------------------------------------------------------

    def get_params(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Parameters and auxiliary states by name, on the CPU."""
        require(self.params_initialized, "parameters are not initialized", "Call init_params().")
        self._curr_module._params_dirty = self._params_dirty
        found = self._curr_module.get_params()
        self._params_dirty = False
        return found

    def set_params(
        self,
        arg_params: Any,
        aux_params: Any,
        allow_missing: bool = False,
        force_init: bool = True,
        allow_extra: bool = False,
    ) -> None:
        """Take over values; with *allow_missing* those that are given."""
        if not allow_missing:
            self.init_params(None, arg_params, aux_params, allow_missing, force_init, allow_extra)
            return
        if self.params_initialized and not force_init:
            warnings.warn(
                "Parameters already initialized and force_init=False. set_params call ignored.",
                stacklevel=2,
            )
            return
        self._curr_module.set_params(arg_params, aux_params, allow_missing, force_init, allow_extra)
        self.params_initialized = self._params_dirty = True

    def init_params(
        self,
        initializer: Any = Uniform(0.01),  # noqa: B008
        arg_params: Any = None,
        aux_params: Any = None,
        allow_missing: bool = False,
        force_init: bool = False,
        allow_extra: bool = False,
    ) -> None:
        """Give parameters and auxiliary states their first values; see :class:`Module`."""
        if self.params_initialized and not force_init:
            return
        self._need(params=False)
        self._curr_module.init_params(
            initializer, arg_params, aux_params, allow_missing, force_init, allow_extra
        )
        self.params_initialized, self._params_dirty = True, False

    def get_states(self, merge_multi_context: bool = True) -> list[Any]:
        """The arrays of the states, a list over devices each."""
        self._need()
        return self._curr_module.get_states(merge_multi_context)

    def set_states(self, states: Any = None, value: Any = None) -> None:
        """Set the states from arrays, or to one number."""
        self._need()
        self._curr_module.set_states(states, value)

    # ---- preparing --------------------------------------------------------------------------

    def bind(
        self,
        data_shapes: Any,
        label_shapes: Any = None,
        for_training: bool = True,
        inputs_need_grad: bool = False,
        force_rebind: bool = False,
        shared_module: Any = None,
        grad_req: Any = "write",
    ) -> None:
        """Bind the default bucket; see :class:`Module`. Others are bound when they come up."""
        kept = self.get_params() if self.params_initialized and self._buckets else None
        if force_rebind:
            self._reset_bind()
        if self.binded:
            self.logger.warning("Already bound, ignoring bind()")
            return
        require(shared_module is None, "shared_module for BucketingModule is not supported")
        self.for_training, self.inputs_need_grad = for_training, inputs_need_grad
        self._grad_req, self.binded = grad_req, True
        key = self._default_bucket_key
        if key not in self._buckets:
            self._buckets[key] = Module(*self._call_sym_gen(key), **self._options)
        module = self._buckets[key]
        module.bind(data_shapes, label_shapes, for_training, inputs_need_grad, grad_req=grad_req)
        self._curr_module, self._curr_bucket_key = module, key
        if kept is not None:
            self.set_params(*kept)
        elif module.params_initialized:
            self.params_initialized = True

    def switch_bucket(self, bucket_key: Any, data_shapes: Any, label_shapes: Any = None) -> None:
        """Go on with the network of another bucket, which is made if need be."""
        self._need(params=False)
        if bucket_key not in self._buckets:
            self._buckets[bucket_key] = Module(*self._call_sym_gen(bucket_key), **self._options)
        module, default = self._buckets[bucket_key], self._buckets[self._default_bucket_key]
        if not module.binded:
            module.bind(
                data_shapes,
                label_shapes,
                self._curr_module.for_training,
                self._curr_module.inputs_need_grad,
                shared_module=default,
                grad_req=self._grad_req,
            )
            if self._monitor is not None:
                module.install_monitor(self._monitor)
        self._curr_module, self._curr_bucket_key = module, bucket_key

    def init_optimizer(
        self,
        kvstore: Any = "local",
        optimizer: Any = "sgd",
        optimizer_params: Any = (("learning_rate", 0.01),),
        force_init: bool = False,
    ) -> None:
        """Choose what updates the parameters of all buckets."""
        self._need()
        if self.optimizer_initialized and not force_init:
            self.logger.warning("optimizer already initialized, ignoring.")
            return
        self._curr_module.init_optimizer(kvstore, optimizer, optimizer_params, force_init)
        for one in self._buckets.values():
            if one is not self._curr_module:
                one.borrow_optimizer(self._curr_module)
        self.optimizer_initialized = True

    def prepare(self, data_batch: Any, sparse_row_id_fn: Any = None) -> None:
        """Bind the bucket of a batch that comes next, and prepare it; the current one stays."""
        self._need()
        here = self._curr_bucket_key
        self.switch_bucket(data_batch.bucket_key, data_batch.provide_data, data_batch.provide_label)
        self._curr_module.prepare(data_batch, sparse_row_id_fn)
        self.switch_bucket(here, None, None)

    def install_monitor(self, mon: Any) -> None:
        """Let a Monitor see the arrays of all buckets."""
        self._need(params=False)
        self._monitor = mon
        for one in self._buckets.values():
            one.install_monitor(mon)

    # ---- running ----------------------------------------------------------------------------

    def forward(self, data_batch: Any, is_train: bool | None = None) -> None:
        """Compute the outputs of a batch by the network of its ``bucket_key``."""
        self._need()
        self.switch_bucket(data_batch.bucket_key, data_batch.provide_data, data_batch.provide_label)
        self._curr_module.forward(data_batch, is_train)

    def backward(self, out_grads: Any = None) -> None:
        """Compute the gradients of the last forward."""
        self._need()
        self._curr_module.backward(out_grads)

    def update(self) -> None:
        """Change the parameters, which all buckets share."""
        self._need(optimizer=True)
        self._params_dirty = True
        self._curr_module.update()

    def get_outputs(self, merge_multi_context: bool = True) -> list[Any]:
        """The outputs of the last forward."""
        self._need()
        return self._curr_module.get_outputs(merge_multi_context)

    def get_input_grads(self, merge_multi_context: bool = True) -> list[Any]:
        """The gradients of the inputs, of the last backward."""
        self._need()
        return self._curr_module.get_input_grads(merge_multi_context)

    def update_metric(self, eval_metric: Any, labels: Any, pre_sliced: bool = False) -> None:
        """Let a metric see labels and the last outputs."""
        self._need()
        self._curr_module.update_metric(eval_metric, labels, pre_sliced)

    # ---- files ------------------------------------------------------------------------------

    def save_checkpoint(self, prefix: str, epoch: int, remove_amp_cast: bool = False) -> None:
        """Write parameters, bucket keys, and a symbol for each bucket."""
        require(self._buckets, "Empty BucketingModule cannot be saved")
        self.save_params(f"{prefix}-{epoch:04d}.params")
        for key in self._buckets:
            symbol, _, _ = self._sym_gen(key)
            symbol.save(f"{prefix}-{key}-symbol.json", remove_amp_cast=remove_amp_cast)
        nd.save(f"{prefix}.buckets", nd.array(list(self._buckets), dtype="int32"))

    @staticmethod
    def load(
        prefix: str,
        epoch: int,
        sym_gen: Callable[[Any], Any] | None = None,
        default_bucket_key: Any = None,
        **kwargs: Any,
    ) -> BucketingModule:
        """A module from the files of :meth:`save_checkpoint`; bind it next.

        *sym_gen* and *default_bucket_key* are those of the module that was saved.
        """
        require(sym_gen is not None, "sym_gen is required for loading BucketingModule")
        keys = nd.load(f"{prefix}.buckets")[0].asnumpy().astype("int32").tolist()
        symbols = {key: sym.load(f"{prefix}-{key}-symbol.json") for key in keys}
        arguments, auxiliary = load_params(prefix, epoch)
        return BucketingModule.load_dict(
            symbols, sym_gen, default_bucket_key, arguments, auxiliary, **kwargs
        )

    @staticmethod
    def load_dict(
        sym_dict: dict[Any, Any] | None = None,
        sym_gen: Any = None,
        default_bucket_key: Any = None,
        arg_params: Any = None,
        aux_params: Any = None,
        **kwargs: Any,
    ) -> BucketingModule:
        """A module from symbols by bucket key and the parameters that they share; bind it next."""
        needed = {
            "sym_dict": sym_dict,
            "arg_params": arg_params,
            "aux_params": aux_params,
            "default_bucket_key": default_bucket_key,
        }
        for name, value in needed.items():
            require(value is not None, f"{name} needs to be provided for loading BucketingModule")
        made = BucketingModule(sym_gen, default_bucket_key, **kwargs)
        for key, symbol in (sym_dict or {}).items():
            _, data_names, label_names = made._call_sym_gen(key)
            made._buckets[key] = Module(symbol, data_names, label_names, **kwargs)
        require(default_bucket_key in made._buckets, "the default bucket is not among those loaded")
        current = made._curr_module = made._buckets[default_bucket_key]
        current._arg_params, current._aux_params = arg_params, aux_params
        current.params_initialized = made.params_initialized = True
        return made
