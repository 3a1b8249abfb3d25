"""Trainer: gradients of all devices become one update of all parameters."""

from __future__ import annotations

from typing import Any

from .. import kvstore as kv, optimizer as opt, signals
from .parameter import Parameter
from .parameter_dict import ParameterDict

__all__ = ["Trainer"]


class Trainer:
    """Applies an optimizer to a set of parameters.

    Parameters
    ----------
    params : ParameterDict, dict or list of Parameter
    optimizer : str or Optimizer
    optimizer_params : dict, optional
        arguments of the optimizer when it is given by name
    kvstore : str or KVStore
        how gradients of several devices are summed
    compression_params : dict, optional
        gradient compression
    update_on_kvstore : bool, optional
        whether the store updates; default True with several devices
    """

    def __init__(
        self,
        params: Any,
        optimizer: str | opt.Optimizer,
        optimizer_params: dict[str, Any] | None = None,
        kvstore: str | kv.KVStoreBase | None = "device",
        compression_params: dict[str, Any] | None = None,
        update_on_kvstore: bool | None = None,
    ) -> None:
        self._params = _parameter_list(params)
        self._param2idx = {p.name: i for i, p in enumerate(self._params)}
        for one in self._params:
            one._set_trainer(self)
        self._compression_params = compression_params
        options = dict(optimizer_params or {})
        self._scale = float(options.get("rescale_grad", 1.0))
        self._init_optimizer(optimizer, options)
        self._kvstore_wanted, self._update_wanted = kvstore, update_on_kvstore
        self._contexts: list[Any] = []
        self._kvstore: Any = None
        self._update_on_kvstore: bool | None = None
        self._kv_initialized = False
        self._seen: set[int] = set()
        self._amp_loss_scaler: Any = None  # mx.contrib.amp.init_trainer sets both
        self._amp_original_scale = self._scale

    def _init_optimizer(self, optimizer: Any, options: dict[str, Any]) -> None:
        by_index = dict(enumerate(self._params))
        if isinstance(optimizer, opt.Optimizer):
            assert not options, (
                "optimizer_params must be None if optimizer is an instance of Optimizer instead "
                "of str"
            )
            self._optimizer = optimizer
            self._optimizer.param_dict = by_index
        else:
            self._optimizer = opt.create(optimizer, param_dict=by_index, **options)

    def _init_kvstore(self) -> None:
        """Decide, on first use, where gradients are summed and who updates."""
        self._contexts = self._check_contexts()
        several = len(self._contexts) > 1
        sparse_weight = any(one._stype != "default" for one in self._params)
        sparse_grad = any(one._grad_stype != "default" for one in self._params)
        wanted = self._kvstore_wanted
        if sparse_weight:
            self._check_sparse_weight()
        if wanted and (several or sparse_weight or not isinstance(wanted, str)):
            self._kvstore = kv.create(wanted) if isinstance(wanted, str) else wanted
        if self._kvstore is not None:
            default = self._kvstore.is_capable("optimizer")
            default = default and (sparse_weight or not sparse_grad)
            self._update_on_kvstore = (
                default if self._update_wanted is None else self._update_wanted
            )
            if self._update_on_kvstore and not self._kvstore.is_capable("optimizer"):
                raise ValueError(
                    f"Please set update_on_kvstore=False when training with {type(self._kvstore)}"
                )
            if self._compression_params:
                self._kvstore.set_gradient_compression(self._compression_params)
            if self._update_on_kvstore:
                self._kvstore.set_optimizer(self._optimizer)
        else:
            if self._update_wanted:
                raise ValueError(
                    "Cannot set update_on_kvstore=True when there is no kvstore: one device needs "
                    "none"
                )
            self._update_on_kvstore = None
        self._updaters = [opt.get_updater(self._optimizer) for _ in self._contexts]
        self._stored: set[int] = set()
        self._kv_initialized = True

    def _check_sparse_weight(self) -> None:
        """A sparse weight is kept, and updated, by the store."""
        if not self._kvstore_wanted:
            raise TypeError("Cannot create kvstore for sparse weights: kvstore must be given")
        if self._update_wanted is False:
            raise ValueError("Cannot set update_on_kvstore=False when sparse weights are present.")

    @property
    def _params_to_init(self) -> list[Parameter]:
        """The parameters that the store does not know yet."""
        if self._kv_initialized and self._kvstore is None:
            return []
        stored = self._stored if self._kv_initialized else ()
        return [one for i, one in enumerate(self._params) if i not in stored]

    def _store(self, i: int) -> None:
        """Make the store know parameter *i*."""
        if i in self._stored:
            return
        one, (value, *others) = self._params[i], self._params[i]._list_stored()
        if one._stype == "default":
            self._kvstore.broadcast(i, value, out=[value, *others])
        else:
            self._kvstore.init(i, value)
        self._stored.add(i)

    def _value_is_set(self, parameter: Parameter) -> None:
        """Somebody wrote a parameter: a store that keeps the old value is dropped."""
        known = self._kv_initialized and self._param2idx[parameter.name] in self._stored
        if known and self._update_on_kvstore:
            self._kvstore, self._update_on_kvstore, self._kv_initialized = None, None, False

    def _row_sparse_pull(self, parameter: Parameter, outs: list[Any], row_id: Any) -> None:
        """Rows of a row_sparse parameter from the store; all of them without *row_id*."""
        if not self._kv_initialized:
            self._init_kvstore()
        i = self._param2idx[parameter.name]
        self._store(i)
        if row_id is None:
            self._kvstore.pull(i, out=outs, priority=-i, ignore_sparse=False)
        else:
            self._kvstore.row_sparse_pull(i, out=outs, priority=-i, row_ids=row_id)

    def _check_contexts(self) -> list[Any]:
        contexts = None
        for one in self._params:
            found = one.list_ctx()
            assert contexts is None or contexts == found, (
                f"All Parameters must be initialized on the same set of contexts, but Parameter "
                f"{one.name} is initialized on {found} while previous Parameters are initialized "
                f"on {contexts}."
            )
            contexts = found
        return contexts or []

    # ---- rates ------------------------------------------------------------------------------

    @property
    def learning_rate(self) -> float:
        """The present learning rate."""
        return self._optimizer.learning_rate

    @property
    def optimizer(self) -> opt.Optimizer:
        """The optimizer."""
        return self._optimizer

    def set_learning_rate(self, lr: float) -> None:
        """Set the learning rate; UserWarning is raised when a scheduler sets it."""
        self._optimizer.set_learning_rate(lr)

    # ---- a step -----------------------------------------------------------------------------

    def step(self, batch_size: int, ignore_stale_grad: bool = False) -> None:
        """Sum gradients over devices, divide by *batch_size*, update all parameters.

        Raises UserWarning when a gradient was not renewed by backward since the last step,
        unless *ignore_stale_grad*.
        """
        if signals.step:
            signals.fire(signals.step, self, batch_size)
        if not self._kv_initialized:
            self._init_kvstore()
        self._optimizer.rescale_grad = self._scale / batch_size
        if self._kvstore is not None:
            self._reduce(ignore_stale_grad)
        if not self._update_on_kvstore:
            self._update(ignore_stale_grad)
        if signals.step_done:
            signals.fire(signals.step_done, self, batch_size)

    def allreduce_grads(self) -> None:
        """Sum gradients over devices, for a later :meth:`update`."""
        if not self._kv_initialized:
            self._init_kvstore()
        assert not (self._kvstore is not None and self._update_on_kvstore), (
            "allreduce_grads() when parameters are updated on kvstore is not supported. Try "
            "setting `update_on_kvstore` to False when creating trainer."
        )
        if self._kvstore is not None:
            self._reduce(True)

    def update(self, batch_size: int, ignore_stale_grad: bool = False) -> None:
        """Update all parameters from gradients that :meth:`allreduce_grads` summed."""
        if not self._kv_initialized:
            self._init_kvstore()
        assert not (self._kvstore is not None and self._update_on_kvstore), (
            "update() when parameters are updated on kvstore is not supported. Try setting "
            "`update_on_kvstore` to False when creating trainer."
        )
        self._optimizer.rescale_grad = self._scale / batch_size
        self._update(ignore_stale_grad)

    def _reduce(self, ignore_stale_grad: bool) -> None:
        """One pushpull per parameter, the first layers first."""
        if self._update_on_kvstore:
            self._check_stale_once(ignore_stale_grad)
        for i, one in enumerate(self._params):
            if one.grad_req == "null":
                continue
            grads = one.list_grad()
            self._store(i)
            if one._stype != "default":
                self._kvstore.push(i, grads, priority=-i)
            elif self._update_on_kvstore:
                self._kvstore.pushpull(i, grads, out=one.list_data(), priority=-i)
            else:
                self._kvstore.pushpull(i, grads, out=grads, priority=-i)

    def _check_stale_once(self, ignore: bool) -> None:
        for i, one in enumerate(self._params):
            if ignore or i in self._seen or one.grad_req == "null":
                continue
            for array in one._list_stored():
                if not array._fresh_grad:
                    raise UserWarning(_stale(one, array))
            self._seen.add(i)

    def _update(self, ignore_stale_grad: bool) -> None:
        """One fused update per device; none where the gradients of a scaled loss overflow."""
        scaler = self._amp_loss_scaler
        if scaler is not None and scaler.has_overflow(self._params):
            return
        for place, updater in enumerate(self._updaters):
            indices, grads, weights = [], [], []
            ctx = self._contexts[place]
            for i, one in enumerate(self._params):
                if one._grad_req == "null":
                    continue
                array = one.data(ctx)
                grad = array._take_fresh_grad()
                if grad is None:
                    if not ignore_stale_grad:
                        raise UserWarning(_stale(one, array))
                    continue
                indices.append(i)
                grads.append(grad)
                weights.append(array)
            updater(indices, grads, weights)

    # ---- states -----------------------------------------------------------------------------

    def save_states(self, fname: str) -> None:
        """Write the optimizer and its states to a file."""
        if not self._kv_initialized:
            self._init_kvstore()
        if self._update_on_kvstore:
            self._kvstore.save_optimizer_states(fname, dump_optimizer=True)
            return
        self._updaters[0].save(fname, dump_optimizer=True)

    def load_states(self, fname: str) -> None:
        """Read what :meth:`save_states` (here or in MXNet) wrote; runs no code from the file."""
        if not self._kv_initialized:
            self._init_kvstore()
        if self._update_on_kvstore:
            self._kvstore.load_optimizer_states(fname)
            self._optimizer = self._kvstore._updater.optimizer
        else:
            for updater in self._updaters:
                updater.load(fname)
                updater.optimizer = self._updaters[0].optimizer
            self._optimizer = self._updaters[0].optimizer
        self._optimizer.param_dict = dict(enumerate(self._params))


def _stale(parameter: Parameter, array: Any) -> str:
    return (
        f"Gradient of Parameter `{parameter.name}` on context {array.context} has not been updated "
        "by backward since last `step`. This could mean a bug in your model that made it only use "
        "a subset of the Parameters (Blocks) for this iteration. If you are intentionally only "
        "using a subset, call step with ignore_stale_grad=True to suppress this warning and skip "
        "updating of Parameters with stale gradient"
    )


def _parameter_list(params: Any) -> list[Parameter]:
    if isinstance(params, (dict, ParameterDict)):
        params = [params[key] for key in sorted(params.keys())]
    if not isinstance(params, (list, tuple)):
        raise ValueError(
            f"First argument must be a list or dict of Parameters, got {type(params)}."
        )
    for one in params:
        if not isinstance(one, Parameter):
            raise ValueError(
                f"First argument must be a list or dict of Parameters, got list of {type(one)}."
            )
    return list(params)
