"""BaseModule: the training loop, scoring and prediction over the steps that modules define."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .. import metric as metrics, ndarray as nd
from ..error import DataFileError, ParameterError, message
from ..initializer import Uniform
from ..io import DataBatch, DataIter
from ..model import BatchEndParam, load_arrays, save_arrays
from .checks import as_list, require

__all__ = ["BaseModule"]


class BaseModule:
    """A network with its arrays and the steps of training: bind, init, forward, backward, update.

    Subclasses define the steps; the loops here are made of them.

    Attributes
    ----------
    binded, params_initialized, optimizer_initialized : bool
        Which preparations were made.
    for_training, inputs_need_grad : bool
        What it was bound for.
    """

    def __init__(self, logger: Any = logging) -> None:
        self.logger = logger
        self.binded = self.for_training = self.inputs_need_grad = False
        self.params_initialized = self.optimizer_initialized = False
        self._symbol: Any = None
        self._total_exec_bytes = 0

    def _need(self, *, optimizer: bool = False, params: bool = True) -> None:
        """Refuse a step whose preparations were not made."""
        name = type(self).__name__
        require(self.binded, f"{name} is not bound", "Call bind(data_shapes, ...) first.")
        if params:
            fix = "Call init_params() first."
            require(self.params_initialized, f"{name}: parameters are not initialized", fix)
        if optimizer:
            fix = "Call init_optimizer() first."
            require(self.optimizer_initialized, f"{name} has no optimizer yet", fix)

    # ---- loops ------------------------------------------------------------------------------

    def forward_backward(self, data_batch: Any) -> None:
        """A forward in training mode, then the backward."""
        self.forward(data_batch, is_train=True)
        self.backward()

    def _batches(
        self, data: Any, num_batch: int | None, reset: bool, sparse_row_id_fn: Any
    ) -> Iterator[tuple[int, Any]]:
        """The batches of an iterator, each after a forward in prediction mode."""
        self._need()
        if reset:
            data.reset()
        for number, batch in enumerate(data):
            if number == num_batch:
                return
            self.prepare(batch, sparse_row_id_fn=sparse_row_id_fn)
            self.forward(batch, is_train=False)
            yield number, batch

    def score(
        self,
        eval_data: Any,
        eval_metric: Any,
        num_batch: int | None = None,
        batch_end_callback: Any = None,
        score_end_callback: Any = None,
        reset: bool = True,
        epoch: int = 0,
        sparse_row_id_fn: Any = None,
    ) -> list[tuple[str, float]]:
        """Names and values of a metric over an iterator.

        Parameters
        ----------
        eval_data : DataIter
        eval_metric : EvalMetric, str or list of them
        num_batch : int, optional
            How many batches to look at; all of them by default.
        batch_end_callback, score_end_callback : callable or list of them, optional
            Get a ``BatchEndParam`` after every batch, and after the last.
        reset : bool
            Start the iterator anew.
        epoch : int
            What callbacks are told.
        sparse_row_id_fn : callable, optional
            See :meth:`prepare`.
        """
        measure = metrics.create(eval_metric)
        measure.reset()
        count = 0
        for number, batch in self._batches(eval_data, num_batch, reset, sparse_row_id_fn):
            self._measure(measure, batch)
            count = number + 1
            _tell(batch_end_callback, epoch, number, measure, locals())
        _tell(score_end_callback, epoch, count, measure, locals())
        return list(measure.get_name_value())

    def _measure(self, measure: Any, batch: Any) -> None:
        if isinstance(batch, list):
            self.update_metric(measure, [one.label for one in batch], pre_sliced=True)
        else:
            self.update_metric(measure, batch.label)

    def iter_predict(
        self,
        eval_data: Any,
        num_batch: int | None = None,
        reset: bool = True,
        sparse_row_id_fn: Any = None,
    ) -> Iterator[tuple[list[Any], int, Any]]:
        """Outputs, number and batch for every batch; rows that only fill up are left out."""
        for number, batch in self._batches(eval_data, num_batch, reset, sparse_row_id_fn):
            yield self._without_padding(batch), number, batch

    def _without_padding(self, batch: Any) -> list[Any]:
        return [one[: one.shape[0] - (batch.pad or 0)] for one in self.get_outputs()]

    def predict(
        self,
        eval_data: Any,
        num_batch: int | None = None,
        merge_batches: bool = True,
        reset: bool = True,
        always_output_list: bool = False,
        sparse_row_id_fn: Any = None,
    ) -> Any:
        """Outputs over an iterator, or of one array.

        Parameters
        ----------
        eval_data : DataIter, NDArray or numpy.ndarray
        num_batch : int, optional
            How many batches to look at; all of them by default.
        merge_batches : bool
            Put the outputs of all batches together; else a list of lists.
        reset : bool
            Start the iterator anew.
        always_output_list : bool
            A list also where there is one output only.
        sparse_row_id_fn : callable, optional
            See :meth:`prepare`.

        Raises
        ------
        ValueError
            *eval_data* is none of these.
        """
        self._need()
        if isinstance(eval_data, (nd.NDArray, np.ndarray)):
            self.forward(DataBatch([nd.array(eval_data)]))
            return self.get_outputs()[0]
        if not isinstance(eval_data, DataIter):
            raise ParameterError(message("eval_data must be of type NDArray or DataIter"))
        found = [
            [one.copy() for one in outputs]
            for outputs, _, _ in self.iter_predict(eval_data, num_batch, reset, sparse_row_id_fn)
        ]
        if not merge_batches or not found:
            return found
        require(
            len({len(outputs) for outputs in found}) == 1,
            "Cannot merge batches, as num of outputs is not the same in mini-batches",
            "Use merge_batches=False, as for buckets.",
        )
        merged = [nd.concatenate(list(column)) for column in zip(*found, strict=True)]
        return merged if len(merged) > 1 or always_output_list else merged[0]

    def fit(
        self,
        train_data: Any,
        eval_data: Any = None,
        eval_metric: Any = "acc",
        epoch_end_callback: Any = None,
        batch_end_callback: Any = None,
        kvstore: Any = "local",
        optimizer: Any = "sgd",
        optimizer_params: Any = (("learning_rate", 0.01),),
        eval_end_callback: Any = None,
        eval_batch_end_callback: Any = None,
        initializer: Any = Uniform(0.01),  # noqa: B008
        arg_params: Any = None,
        aux_params: Any = None,
        allow_missing: bool = False,
        force_rebind: bool = False,
        force_init: bool = False,
        begin_epoch: int = 0,
        num_epoch: int | None = None,
        validation_metric: Any = None,
        monitor: Any = None,
        sparse_row_id_fn: Any = None,
    ) -> None:
        """Train over an iterator; logs epochs, metrics and times as MXNet does.

        Binds, initializes parameters and optimizer unless that was done before. *eval_data* is
        scored after every epoch with *validation_metric* (by default *eval_metric*). Callbacks
        after a batch get a ``BatchEndParam``, those after an epoch
        ``(epoch, symbol, arg_params, aux_params)``.
        """
        require(num_epoch is not None, "please specify number of epochs", "Pass num_epoch=.")
        self.bind(
            train_data.provide_data,
            train_data.provide_label,
            for_training=True,
            force_rebind=force_rebind,
        )
        if monitor is not None:
            self.install_monitor(monitor)
        given = {"arg_params": arg_params, "aux_params": aux_params}
        self.init_params(initializer, **given, allow_missing=allow_missing, force_init=force_init)
        self.init_optimizer(kvstore, optimizer, optimizer_params)
        measure = metrics.create(eval_metric)
        validation = measure if validation_metric is None else validation_metric
        for epoch in range(begin_epoch, num_epoch or 0):
            self._fit_epoch(
                epoch, train_data, measure, batch_end_callback, monitor, sparse_row_id_fn
            )
            args, auxs = self.get_params()
            self.set_params(args, auxs)  # the mean over devices becomes the value of each
            for callback in as_list(epoch_end_callback):
                callback(epoch, self.symbol, args, auxs)
            if eval_data is not None:
                self._fit_score(
                    epoch, eval_data, validation, eval_end_callback, eval_batch_end_callback
                )
            train_data.reset()

    def _fit_epoch(
        self, epoch: int, data: Any, measure: Any, callback: Any, monitor: Any, rows: Any
    ) -> None:
        """One pass over the training data. The next batch is fetched before the metric waits."""
        start = time.time()
        measure.reset()
        nbatch, batches = 0, iter(data)
        batch = next(batches, None)
        while batch is not None:
            data_batch = batch
            if monitor is not None:
                monitor.tic()
            self.forward_backward(data_batch)
            self.update()
            self._measure(measure, data_batch)
            batch = next(batches, None)
            if batch is not None:
                self.prepare(batch, sparse_row_id_fn=rows)
            if monitor is not None:
                monitor.toc_print()
            if batch is None:  # callbacks may reset the metric
                eval_name_vals = measure.get_global_name_value()
            _tell(callback, epoch, nbatch, measure, {**locals(), "eval_metric": measure})
            nbatch += 1
        for name, value in eval_name_vals if nbatch else ():
            self.logger.info("Epoch[%d] Train-%s=%f", epoch, name, value)
        self.logger.info("Epoch[%d] Time cost=%.3f", epoch, time.time() - start)

    def _fit_score(
        self, epoch: int, data: Any, measure: Any, end_callback: Any, batch_callback: Any
    ) -> None:
        found = self.score(
            data,
            measure,
            score_end_callback=end_callback,
            batch_end_callback=batch_callback,
            epoch=epoch,
        )
        for name, value in found:
            self.logger.info("Epoch[%d] Validation-%s=%f", epoch, name, value)

    # ---- parameters -------------------------------------------------------------------------

    def set_params(
        self,
        arg_params: Any,
        aux_params: Any,
        allow_missing: bool = False,
        force_init: bool = True,
        allow_extra: bool = False,
    ) -> None:
        """Take over values of parameters and auxiliary states, by name."""
        self.init_params(
            None,
            arg_params=arg_params,
            aux_params=aux_params,
            allow_missing=allow_missing,
            force_init=force_init,
            allow_extra=allow_extra,
        )

    def save_params(self, fname: str) -> None:
        """Write parameters and auxiliary states to a file, as ``arg:NAME`` and ``aux:NAME``."""
        save_arrays(fname, *self.get_params())

    def load_params(self, fname: str) -> None:
        """Read a file of :meth:`save_params`; DataFileError for one of another kind."""
        arguments, auxiliary, others = load_arrays(fname)
        if others:
            raise DataFileError(message(f"Invalid param file {fname}", where=others[:4]))
        self.set_params(arguments, auxiliary)

    def get_states(self, merge_multi_context: bool = True) -> list[Any]:
        """The values of the inputs that are states; none here."""
        self._need()
        require(not merge_multi_context, "get_states needs merge_multi_context=False")
        return []

    def set_states(self, states: Any = None, value: Any = None) -> None:
        """Set the values of the inputs that are states; there are none here."""
        self._need()
        require(not states and not value, f"{type(self).__name__} has no states")

    def prepare(self, data_batch: Any, sparse_row_id_fn: Any = None) -> None:
        """Get ready for a batch.

        *sparse_row_id_fn* gives, by name of a row_sparse parameter, the rows that the batch needs.
        """
        if sparse_row_id_fn is not None:
            warnings.warn("sparse_row_id_fn is not invoked for BaseModule.", stacklevel=2)

    @property
    def symbol(self) -> Any:
        """The symbol, where there is one."""
        return self._symbol

    # ---- what subclasses define -------------------------------------------------------------

    @property
    def data_names(self) -> list[str]:
        """The names of the inputs."""
        raise NotImplementedError

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs."""
        raise NotImplementedError

    @property
    def data_shapes(self) -> Any:
        """Descriptions of the inputs."""
        raise NotImplementedError

    @property
    def label_shapes(self) -> Any:
        """Descriptions of the labels."""
        raise NotImplementedError

    @property
    def output_shapes(self) -> Sequence[tuple[str, tuple[int, ...]]]:
        """Names and shapes of the outputs."""
        raise NotImplementedError

    def get_params(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Parameters and auxiliary states by name."""
        raise NotImplementedError

    def init_params(
        self,
        initializer: Any = Uniform(0.01),  # noqa: B008
        arg_params: Any = None,
        aux_params: Any = None,
        allow_missing: bool = False,
        force_init: bool = False,
        allow_extra: bool = False,
    ) -> None:
        """Give parameters and auxiliary states their first values."""
        raise NotImplementedError

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
        """Make the arrays for inputs of these shapes."""
        raise NotImplementedError

    def init_optimizer(
        self,
        kvstore: Any = "local",
        optimizer: Any = "sgd",
        optimizer_params: Any = (("learning_rate", 0.01),),
        force_init: bool = False,
    ) -> None:
        """Choose what updates the parameters."""
        raise NotImplementedError

    def install_monitor(self, mon: Any) -> None:
        """Let a Monitor see the arrays."""
        raise NotImplementedError

    def forward(self, data_batch: Any, is_train: bool | None = None) -> None:
        """Compute the outputs of a batch."""
        raise NotImplementedError

    def backward(self, out_grads: Any = None) -> None:
        """Compute the gradients of the last forward."""
        raise NotImplementedError

    def get_outputs(self, merge_multi_context: bool = True) -> list[Any]:
        """The outputs of the last forward."""
        raise NotImplementedError

    def get_input_grads(self, merge_multi_context: bool = True) -> list[Any]:
        """The gradients of the inputs, of the last backward."""
        raise NotImplementedError

    def update(self) -> None:
        """Change the parameters by their gradients."""
        raise NotImplementedError

    def update_metric(self, eval_metric: Any, labels: Any, pre_sliced: bool = False) -> None:
        """Let a metric see labels and the last outputs."""
        raise NotImplementedError


def _tell(callbacks: Any, epoch: int, nbatch: int, measure: Any, seen: dict[str, Any]) -> None:
    for callback in as_list(callbacks):
        callback(BatchEndParam(epoch, nbatch, measure, seen))
