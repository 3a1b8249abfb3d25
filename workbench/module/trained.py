"""The part of a Module that changes parameters: optimizer, store, their files."""

from __future__ import annotations

import logging
import warnings
from typing import Any

from .. import optimizer as optimizers
from ..fileio import write_bytes
from ..optimizer import Optimizer, Updater
from .base_module import BaseModule
from .checks import require
from .stores import create_store, fill_store, update, update_on_store

__all__ = ["Trained"]


class Trained(BaseModule):
    """A module whose parameters are updated by an optimizer, on one or several devices."""

    _context: list[Any]
    _exec_group: Any
    _param_names: list[str]
    _arg_params: Any
    _params_dirty: bool
    _compression_params: Any

    def __init__(self, logger: Any = logging) -> None:
        super().__init__(logger)
        self._optimizer: Any = None
        self._kvstore: Any = None
        self._update_on_kvstore = False
        self._updater: Any = None
        self._preload_opt_states: str | None = None

    def _sync_params_from_devices(self) -> None:
        raise NotImplementedError

    def init_optimizer(
        self,
        kvstore: Any = "local",
        optimizer: Any = "sgd",
        optimizer_params: Any = (("learning_rate", 0.01),),
        force_init: bool = False,
    ) -> None:
        """Choose what updates the parameters.

        Parameters
        ----------
        kvstore : KVStore, str or None
            Where gradients of several devices meet; one device needs none.
        optimizer : Optimizer or str
            Gradients are divided by the batch size unless it says otherwise.
        optimizer_params : dict, or pairs
            Keywords for an optimizer that is given by its name.
        force_init : bool
            Also when there is one already.
        """
        self._need()
        if self.optimizer_initialized and not force_init:
            self.logger.warning("optimizer already initialized, ignoring...")
            return
        if self._params_dirty:
            self._sync_params_from_devices()
        store, on_store = create_store(kvstore, len(self._context), self._arg_params)
        self._optimizer = self._made_optimizer(optimizer, optimizer_params, store, on_store)
        self._kvstore, self._update_on_kvstore, self._updater = store, on_store, None
        if store is not None:
            if self._compression_params:
                store.set_gradient_compression(self._compression_params)
            if on_store:
                store.set_optimizer(self._optimizer)
            arrays = self._exec_group.param_arrays
            fill_store(store, arrays, self._arg_params, self._param_names, on_store)
        if not on_store:
            self._updater = Updater(self._optimizer)
        self.optimizer_initialized = True
        if self._preload_opt_states is not None:
            states, self._preload_opt_states = self._preload_opt_states, None
            self.load_optimizer_states(states)

    def _made_optimizer(self, given: Any, params: Any, store: Any, on_store: bool) -> Optimizer:
        batch_size = self._exec_group.batch_size
        if store is not None and "dist" in store.type and "_sync" in store.type:
            batch_size *= store.num_workers
        scale = 1.0 / batch_size
        devices = 1 if on_store else len(self._context)
        names = {
            i * devices + k: name
            for i, name in enumerate(self._param_names)
            for k in range(devices)
        }
        if isinstance(given, str):
            keywords = {"rescale_grad": scale, **dict(params)}
            return optimizers.create(given, sym=self._symbol, param_idx2name=names, **keywords)
        require(isinstance(given, Optimizer), "optimizer must be an Optimizer or the name of one")
        if given.rescale_grad != scale:
            warnings.warn(
                "Optimizer created manually outside Module but rescale_grad is not normalized to "
                f"1.0/batch_size/num_workers ({given.rescale_grad} vs. {scale}). Is this intended?",
                stacklevel=3,
            )
        if not given.idx2name:
            given.idx2name = names
        return given

    def borrow_optimizer(self, shared_module: Any) -> None:
        """Use the optimizer of another module, with its states."""
        require(shared_module.optimizer_initialized, "the other module has no optimizer yet")
        self._optimizer, self._kvstore = shared_module._optimizer, shared_module._kvstore
        self._update_on_kvstore = shared_module._update_on_kvstore
        self._updater = shared_module._updater
        self.optimizer_initialized = True

    def prepare(self, data_batch: Any, sparse_row_id_fn: Any = None) -> None:
        """Pull the rows of row_sparse parameters that a batch needs."""
        self._need(params=False)
        if sparse_row_id_fn is None:
            return
        if self._kvstore is None or not self._update_on_kvstore:
            warnings.warn(
                "Parameters are not updated in the KVStore. No need to call sparse_row_id_fn.",
                stacklevel=2,
            )
            return
        for name, rows in sparse_row_id_fn(data_batch).items():
            index = self._param_names.index(name)
            arrays = self._exec_group.param_arrays[index]
            if arrays[0].stype == "row_sparse":
                self._kvstore.row_sparse_pull(name, arrays, row_ids=rows, priority=-index)
            else:
                warnings.warn(f"{name} is not row_sparse: no rows to pull", stacklevel=2)

    def update(self) -> None:
        """Change the parameters by their gradients, on all devices alike."""
        self._need(optimizer=True)
        self._params_dirty = True
        group = self._exec_group
        arrays = group.param_arrays, group.grad_arrays
        if self._update_on_kvstore:
            update_on_store(*arrays, self._kvstore, self._param_names)
        else:
            update(*arrays, self._updater, len(self._context), self._kvstore, self._param_names)

    def save_optimizer_states(self, fname: str) -> None:
        """Write what the optimizer remembers of each parameter."""
        self._need(optimizer=True)
        if self._update_on_kvstore:
            self._kvstore.save_optimizer_states(fname)
        else:
            write_bytes(fname, self._updater.get_states())

    def load_optimizer_states(self, fname: str) -> None:
        """Read a file of :meth:`save_optimizer_states`, here or of MXNet."""
        self._need(optimizer=True)
        if self._update_on_kvstore:
            self._kvstore.load_optimizer_states(fname)
        else:
            self._updater.load(fname)
