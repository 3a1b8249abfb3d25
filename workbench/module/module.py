"""Module: one symbol on one or several devices."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from typing import Any

from .. import ndarray as nd
from ..context import Context, cpu
from ..error import MXNetError, message
from ..initializer import InitDesc, Uniform
from ..io import DataDesc
from ..model import load_checkpoint
from .checks import check_input_names, described, require
from .executor_group import DataParallelExecutorGroup
from .trained import Trained

__all__ = ["Module"]


class MissingParamError(MXNetError, RuntimeError):
    """A parameter has no value among those that were given."""


class Module(Trained):
    """A symbol with its parameters, on one or several devices.

    Parameters
    ----------
    symbol : Symbol
    data_names, label_names : list of str
        Which arguments a batch fills.
    logger : Logger
    context : Context or list of Context
        Each device gets a part of every batch.
    work_load_list : list of number, optional
        How much of it, in proportion.
    fixed_param_names : list of str, optional
        Parameters that are not trained.
    state_names : list of str, optional
        Inputs that keep their values from batch to batch; see :meth:`set_states`.
    group2ctxs : dict or list of dict, optional
        Devices of the groups of the attribute ``ctx_group``.
    compression_params : dict, optional
        How gradients travel between devices.

    Raises
    ------
    ValueError
        A name is no argument of the symbol.
    """

    def __init__(
        self,
        symbol: Any,
        data_names: Sequence[str] | None = ("data",),
        label_names: Sequence[str] | None = ("softmax_label",),
        logger: Any = logging,
        context: Any = cpu(),  # noqa: B008
        work_load_list: Sequence[float] | None = None,
        fixed_param_names: Sequence[str] | None = None,
        state_names: Sequence[str] | None = None,
        group2ctxs: Any = None,
        compression_params: Any = None,
    ) -> None:
        super().__init__(logger)
        self._context = [context] if isinstance(context, Context) else list(context)
        self._work_load_list = list(work_load_list or [1] * len(self._context))
        require(
            len(self._work_load_list) == len(self._context), "work_load_list: one for each context"
        )
        self._symbol, self._group2ctxs = symbol, group2ctxs
        self._data_names, self._label_names = list(data_names or ()), list(label_names or ())
        self._state_names = list(state_names or ())
        self._fixed_param_names = list(fixed_param_names or ())
        check_input_names(symbol, self._data_names, "data", True)
        check_input_names(symbol, self._label_names, "label", False)
        check_input_names(symbol, self._state_names, "state", True)
        check_input_names(symbol, self._fixed_param_names, "fixed_param", True)
        inputs = {*self._data_names, *self._label_names, *self._state_names}
        self._param_names = [name for name in symbol.list_arguments() if name not in inputs]
        self._aux_names = symbol.list_auxiliary_states()
        self._compression_params = compression_params
        self._arg_params: Any = None
        self._aux_params: Any = None
        self._params_dirty = False
        self._grad_req: Any = None
        self._reset_bind()

    def _reset_bind(self) -> None:
        self.binded = False
        self._exec_group: Any = None
        self._data_shapes: Any = None
        self._label_shapes: Any = None

    # ---- files ------------------------------------------------------------------------------

    @staticmethod
    def load(prefix: str, epoch: int, load_optimizer_states: bool = False, **kwargs: Any) -> Module:
        """A module from ``PREFIX-symbol.json`` and ``PREFIX-EPOCH.params``.

        With *load_optimizer_states* also from ``PREFIX-EPOCH.states``, once there is an
        optimizer. **kwargs** are those of the class.
        """
        symbol, arguments, auxiliary = load_checkpoint(prefix, epoch)
        made = Module(symbol, **kwargs)
        made._arg_params, made._aux_params = arguments, auxiliary
        made.params_initialized = True
        if load_optimizer_states:
            made._preload_opt_states = f"{prefix}-{epoch:04d}.states"
        return made

    def save_checkpoint(
        self,
        prefix: str,
        epoch: int,
        save_optimizer_states: bool = False,
        remove_amp_cast: bool = True,
    ) -> None:
        """Write what :meth:`load` reads."""
        self._symbol.save(f"{prefix}-symbol.json", remove_amp_cast=remove_amp_cast)
        params = f"{prefix}-{epoch:04d}.params"
        self.save_params(params)
        logging.info('Saved checkpoint to "%s"', params)
        if save_optimizer_states:
            states = f"{prefix}-{epoch:04d}.states"
            self.save_optimizer_states(states)
            logging.info('Saved optimizer state to "%s"', states)

    # ---- names and shapes -------------------------------------------------------------------

    @property
    def data_names(self) -> list[str]:
        """The names of the inputs."""
        return self._data_names

    @property
    def label_names(self) -> list[str]:
        """The names of the labels."""
        return self._label_names

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs."""
        return self._symbol.list_outputs()

    @property
    def data_shapes(self) -> list[DataDesc]:
        """Descriptions of the inputs that it is bound for."""
        self._need(params=False)
        return self._data_shapes

    @property
    def label_shapes(self) -> list[DataDesc] | None:
        """Descriptions of the labels that it is bound for."""
        self._need(params=False)
        return self._label_shapes

    @property
    def output_shapes(self) -> list[tuple[str, tuple[int, ...]]]:
        """Names and shapes of the outputs."""
        self._need(params=False)
        return self._exec_group.get_output_shapes()

    # ---- parameters -------------------------------------------------------------------------

    def get_params(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Parameters and auxiliary states by name, on the CPU; the mean where devices differ."""
        require(self.params_initialized, "parameters are not initialized", "Call init_params().")
        if self._params_dirty:
            self._sync_params_from_devices()
        return self._arg_params, self._aux_params

    def _sync_params_from_devices(self) -> None:
        self._exec_group.get_params(self._arg_params, self._aux_params)
        if self._kvstore is not None and self._update_on_kvstore:
            for name, value in sorted(self._arg_params.items()):
                if value.stype == "row_sparse":
                    rows = nd.arange(0, value.shape[0], dtype="int64")
                    self._kvstore.row_sparse_pull(name, value, row_ids=rows)
        self._params_dirty = False

    def init_params(
        self,
        initializer: Any = Uniform(0.01),  # noqa: B008
        arg_params: Any = None,
        aux_params: Any = None,
        allow_missing: bool = False,
        force_init: bool = False,
        allow_extra: bool = False,
    ) -> None:
        """Give parameters and auxiliary states their first values.

        Parameters
        ----------
        initializer : Initializer
            For what is not among the given values.
        arg_params, aux_params : dict of str to NDArray, optional
            Values to start from.
        allow_missing : bool
            They need not name everything.
        force_init : bool
            Also where there are values already.
        allow_extra : bool
            Kept for MXNet's signature: what nobody needs is left out anyway.

        Raises
        ------
        RuntimeError
            A parameter is not among the given values.
        """
        if self.params_initialized and not force_init:
            warnings.warn(
                "Parameters already initialized and force_init=False. init_params call ignored.",
                stacklevel=2,
            )
            return
        self._need(params=False)
        attributes = self._symbol.attr_dict()
        for arrays, given in ((self._arg_params, arg_params), (self._aux_params, aux_params)):
            for name, array in sorted(arrays.items()):
                if given is not None and name in given:
                    if given[name] is not array:
                        given[name].copyto(array)
                elif given is not None and not allow_missing:
                    raise MissingParamError(
                        message(f"{name} is not presented", fix="Set allow_missing=True.")
                    )
                elif initializer is not None:
                    initializer(InitDesc(name, attributes.get(name)), array)
        self.params_initialized, self._params_dirty = True, False
        self._exec_group.set_params(self._arg_params, self._aux_params)

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
        self._exec_group.set_params(arg_params, aux_params, allow_extra=allow_extra)
        self.params_initialized = self._params_dirty = True

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
        """Make the arrays for inputs of these shapes.

        Parameters
        ----------
        data_shapes, label_shapes : list of DataDesc, or of (name, shape)
        for_training, inputs_need_grad : bool
        force_rebind : bool
            Also when it is bound already.
        shared_module : Module, optional
            Whose parameters, and optimizer, are used.
        grad_req : str, list or dict
            ``"write"``, ``"add"`` or ``"null"``.
        """
        if force_rebind:
            self._reset_bind()
        if self.binded:
            self.logger.warning("Already bound, ignoring bind()")
            return
        require(for_training or not inputs_need_grad, "inputs_need_grad needs for_training")
        self.for_training, self.inputs_need_grad = for_training, inputs_need_grad
        self._grad_req = grad_req
        self._describe(data_shapes, label_shapes)
        if shared_module is not None:
            ready = shared_module.binded and shared_module.params_initialized
            require(ready, "shared_module must be bound, and have parameters")
        self._exec_group = DataParallelExecutorGroup(
            self._symbol,
            self._context,
            self._work_load_list,
            self._data_shapes,
            self._label_shapes,
            self._param_names,
            for_training,
            inputs_need_grad,
            shared_module._exec_group if shared_module is not None else None,
            logger=self.logger,
            fixed_param_names=self._fixed_param_names,
            grad_req=grad_req,
            group2ctxs=self._group2ctxs,
            state_names=self._state_names,
        )
        self._total_exec_bytes = self._exec_group._total_exec_bytes
        self._take_params(shared_module)
        self.binded = True

    def _describe(self, data_shapes: Any, label_shapes: Any) -> None:
        self._data_shapes = described(self._data_names, data_shapes, "data", True)
        self._label_shapes = described(self._label_names, label_shapes, "label", False)

    def _take_params(self, shared: Any) -> None:
        """After binding: the other module's parameters, those loaded before, or zeros."""
        group = self._exec_group
        if shared is not None:
            self.params_initialized = True
            self._arg_params, self._aux_params = shared._arg_params, shared._aux_params
            if shared.optimizer_initialized:
                self.borrow_optimizer(shared)
        elif self.params_initialized:
            group.set_params(self._arg_params, self._aux_params)
        else:
            self._arg_params = _zeros_like(self._param_names, group.param_arrays)
            self._aux_params = _zeros_like(self._aux_names, group.aux_arrays)

    def reshape(self, data_shapes: Any, label_shapes: Any = None) -> None:
        """Get ready for batches of other shapes; parameters stay."""
        self._need(params=False)
        self._describe(data_shapes, label_shapes)
        self._exec_group.reshape(self._data_shapes, self._label_shapes)

    def install_monitor(self, mon: Any) -> None:
        """Let a Monitor see the arrays of every device."""
        self._need(params=False)
        self._exec_group.install_monitor(mon)

    # ---- running ----------------------------------------------------------------------------

    def forward(self, data_batch: Any, is_train: bool | None = None) -> None:
        """Compute the outputs of a batch, or of a list of one batch for each device.

        *is_train* is what it was bound for, unless given. A batch of other shapes reshapes first.
        """
        self._need()
        shapes = self._shapes_of(data_batch)
        if shapes != [tuple(one.shape) for one in self._data_shapes]:
            self._reshape_for(data_batch, shapes)
        self._exec_group.forward(data_batch, is_train)

    def _shapes_of(self, batch: Any) -> list[tuple[int, ...]]:
        if not isinstance(batch, list):
            return [tuple(one.shape) for one in batch.data]
        shapes = [one.shape for one in batch[0].data]
        alike = all([a.shape for a in one.data] == shapes for one in batch)
        require(alike, "All data batches in a list need to have the same shape")
        return [(len(batch) * shape[0], *shape[1:]) for shape in shapes]

    def _reshape_for(self, batch: Any, shapes: list[tuple[int, ...]]) -> None:
        data = getattr(batch, "provide_data", None) or [
            DataDesc(one.name, shape, one.dtype, one.layout)
            for one, shape in zip(self._data_shapes, shapes, strict=True)
        ]
        labels = getattr(batch, "provide_label", None)
        if not labels and getattr(batch, "label", None) and self._label_shapes:
            labels = [
                DataDesc(one.name, array.shape, one.dtype, one.layout)
                for one, array in zip(self._label_shapes, batch.label, strict=True)
            ]
        self.reshape(data, labels or None)

    def backward(self, out_grads: Any = None) -> None:
        """Compute the gradients; *out_grads* are needed where an output is no loss."""
        self._need()
        self._exec_group.backward(out_grads)

    def get_outputs(self, merge_multi_context: bool = True) -> list[Any]:
        """The outputs of the last forward, put together or as a list over devices each."""
        self._need()
        return self._exec_group.get_outputs(merge_multi_context)

    def get_input_grads(self, merge_multi_context: bool = True) -> list[Any]:
        """The gradients of the inputs, of the last backward."""
        self._need()
        return self._exec_group.get_input_grads(merge_multi_context)

    def get_states(self, merge_multi_context: bool = True) -> list[Any]:
        """The arrays of the states, a list over devices each."""
        self._need()
        return self._exec_group.get_states(merge_multi_context)

    def set_states(self, states: Any = None, value: Any = None) -> None:
        """Set the states from arrays, or to one number."""
        self._need()
        self._exec_group.set_states(states, value)

    def update_metric(self, eval_metric: Any, labels: Any, pre_sliced: bool = False) -> None:
        """Let a metric see labels and the last outputs."""
        self._exec_group.update_metric(eval_metric, labels, pre_sliced)


def _zeros_like(names: Sequence[str], columns: Sequence[Sequence[Any]]) -> dict[str, Any]:
    return {
        name: nd.zeros(column[0].shape, dtype=column[0].dtype, stype=column[0].stype)
        for name, column in zip(names, columns, strict=True)
    }
