"""FeedForward, the way to train before there were modules: a thin cover of Module."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import metric as metrics, ndarray as nd
from ..callback import LogValidationMetricsCallback
from ..context import Context, cpu
from ..error import MXNetError, ParameterError, message
from ..initializer import Uniform
from ..io import DataIter, NDArrayIter
from ..model import BatchEndParam, load_checkpoint, save_checkpoint
from ..symbol import Symbol
from .checks import as_list, require
from .module import Module

__all__ = ["FeedForward"]


class NoDataError(MXNetError, TypeError):
    """What should be data is something else."""


class FeedForward:
    """A network that is fitted to NumPy arrays or iterators. Use :class:`Module` for new code.

    Parameters
    ----------
    symbol : Symbol, or callable from bucket key to Symbol
    ctx : Context or list of Context, optional
    num_epoch, epoch_size : int, optional
        *epoch_size* is kept for MXNet's signature: an epoch is a pass over the data.
    optimizer : str or Optimizer
    initializer : Initializer
    numpy_batch_size : int
        Of batches made of arrays.
    arg_params, aux_params : dict of str to NDArray, optional
    allow_extra_params : bool
        Kept for MXNet's signature: what the network does not have is left out anyway.
    begin_epoch : int
    **kwargs
        For the optimizer.
    """

    def __init__(
        self,
        symbol: Any,
        ctx: Any = None,
        num_epoch: int | None = None,
        epoch_size: int | None = None,
        optimizer: Any = "sgd",
        initializer: Any = Uniform(0.01),  # noqa: B008
        numpy_batch_size: int = 128,
        arg_params: Any = None,
        aux_params: Any = None,
        allow_extra_params: bool = False,
        begin_epoch: int = 0,
        **kwargs: Any,
    ) -> None:
        warnings.warn(
            "mxnet.model.FeedForward has been deprecated. Please use mxnet.mod.Module instead.",
            DeprecationWarning,
            stacklevel=2,
        )
        self.sym_gen: Callable[[Any], Any] | None = None
        self.symbol: Any = symbol
        if not isinstance(symbol, Symbol):
            self.symbol, self.sym_gen = None, symbol
        self.ctx = [ctx or cpu()] if ctx is None or isinstance(ctx, Context) else list(ctx)
        self.num_epoch, self.epoch_size, self.begin_epoch = num_epoch, epoch_size, begin_epoch
        self.optimizer, self.initializer, self.kwargs = optimizer, initializer, dict(kwargs)
        self.numpy_batch_size = numpy_batch_size
        self.allow_extra_params = allow_extra_params
        self.arg_params, self.aux_params = arg_params, aux_params

    # ---- data -------------------------------------------------------------------------------

    def _init_iter(self, X: Any, y: Any, is_train: bool) -> Any:
        """An iterator over *X*, and *y* where *X* is an array."""
        if isinstance(X, DataIter):
            return X
        if not isinstance(X, (np.ndarray, nd.NDArray)):
            raise NoDataError(message("X must be DataIter, NDArray or numpy.ndarray"))
        if y is None:
            if is_train:
                raise ParameterError(message("y must be specified when X is numpy.ndarray"))
            y = np.zeros(X.shape[0])
        if not isinstance(y, (np.ndarray, nd.NDArray)):
            raise NoDataError(message("y must be ndarray when X is numpy.ndarray"))
        if X.shape[0] != y.shape[0]:
            raise ParameterError(message("The numbers of data points and labels not equal"))
        if y.ndim == 2 and y.shape[1] == 1:
            y = y.reshape((-1,))
        if y.ndim != 1:
            what = "Label must be 1D or 2D (with 2nd dimension being 1)"
            raise ParameterError(message(what))
        last = "roll_over" if is_train else "pad"
        size = min(X.shape[0], self.numpy_batch_size)
        return NDArrayIter(X, y, size, shuffle=is_train, last_batch_handle=last)

    def _init_eval_iter(self, given: Any) -> Any:
        if given is None or isinstance(given, DataIter):
            return given
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            what = "Eval data must be DataIter, or NDArray/numpy.ndarray/list pair"
            raise NoDataError(message(what))
        data, label = given
        if data is None:
            raise ParameterError(message("Eval data is NONE"))
        if label is None and isinstance(data, DataIter):
            return data
        data, label = (np.array(o) if isinstance(o, list) else o for o in (data, label))
        return self._init_iter(data, label, True)

    def _module(self, data: Any, **options: Any) -> Module:
        """A module of the network for the inputs of an iterator."""
        if self.sym_gen is not None:
            self.symbol = self.sym_gen(data.default_bucket_key)
        labels = [one.name for one in data.provide_label or ()]
        known = set(self.symbol.list_arguments())
        return Module(
            self.symbol,
            [one.name for one in data.provide_data],
            [name for name in labels if name in known],
            context=self.ctx,
            **options,
        )

    def _predictor(self, data: Any) -> Module:
        require(self.arg_params is not None, "there are no parameters yet", "Call fit() first.")
        made = self._module(data)
        names = set(made.label_names)
        labels = [one for one in data.provide_label or () if one.name in names]
        made.bind(data.provide_data, labels or None, for_training=False)
        made.init_params(None, self.arg_params, self.aux_params)
        return made

    # ---- running ----------------------------------------------------------------------------

    def fit(
        self,
        X: Any,
        y: Any = None,
        eval_data: Any = None,
        eval_metric: Any = "acc",
        epoch_end_callback: Any = None,
        batch_end_callback: Any = None,
        kvstore: Any = "local",
        logger: Any = None,
        work_load_list: Any = None,
        monitor: Any = None,
        eval_end_callback: Any = LogValidationMetricsCallback(),  # noqa: B008
        eval_batch_end_callback: Any = None,
    ) -> None:
        """Train for ``num_epoch`` epochs; see :meth:`Module.fit`."""
        data, validation = self._init_iter(X, y, True), self._init_eval_iter(eval_data)
        module = self._module(data, logger=logger or logging, work_load_list=work_load_list)
        module.fit(
            data,
            validation,
            eval_metric,
            epoch_end_callback,
            batch_end_callback,
            kvstore,
            self.optimizer,
            self.kwargs,
            eval_end_callback,
            eval_batch_end_callback,
            self.initializer,
            self.arg_params,
            self.aux_params,
            allow_missing=True,
            begin_epoch=self.begin_epoch,
            num_epoch=self.num_epoch,
            monitor=monitor,
        )
        self.arg_params, self.aux_params = module.get_params()

    def predict(
        self, X: Any, num_batch: int | None = None, return_data: bool = False, reset: bool = True
    ) -> Any:
        """Outputs as NumPy arrays; with *return_data* also the data and labels."""
        data = self._init_iter(X, None, False)
        columns: list[list[list[np.ndarray]]] = [[], [], []]
        module = self._predictor(data)
        for outputs, _, batch in module.iter_predict(data, num_batch, reset):
            rows = outputs[0].shape[0]
            for column, arrays in zip(columns, (outputs, batch.data, batch.label), strict=True):
                column.append([one[:rows].asnumpy() for one in arrays])
        found = [
            _single([np.concatenate(parts) for parts in zip(*column, strict=True)])
            for column in columns
        ]
        return tuple(found) if return_data else found[0]

    def score(
        self,
        X: Any,
        eval_metric: Any = "acc",
        num_batch: int | None = None,
        batch_end_callback: Any = None,
        reset: bool = True,
    ) -> float:
        """The value of a metric over an iterator, which gives labels."""
        data, measure = self._init_iter(X, None, False), metrics.create(eval_metric)
        measure.reset()
        module = self._predictor(data)
        for number, batch in module._batches(data, num_batch, reset, None):
            measure.update(batch.label, module.get_outputs())
            for callback in as_list(batch_end_callback):
                callback(BatchEndParam(0, number, measure, locals()))
        return measure.get()[1]

    # ---- files ------------------------------------------------------------------------------

    def save(self, prefix: str, epoch: int | None = None, remove_amp_cast: bool = True) -> None:
        """Write a checkpoint; *epoch* is the last one by default."""
        epoch = self.num_epoch if epoch is None else epoch
        require(epoch is not None, "save needs an epoch", "Pass epoch=.")
        save_checkpoint(
            prefix, int(epoch or 0), self.symbol, self.arg_params, self.aux_params, remove_amp_cast
        )

    @staticmethod
    def load(prefix: str, epoch: int, ctx: Any = None, **kwargs: Any) -> FeedForward:
        """A network from a checkpoint."""
        symbol, arguments, auxiliary = load_checkpoint(prefix, epoch)
        return FeedForward(
            symbol,
            ctx=ctx,
            arg_params=arguments,
            aux_params=auxiliary,
            begin_epoch=epoch,
            **kwargs,
        )

    @staticmethod
    def create(
        symbol: Any,
        X: Any,
        y: Any = None,
        ctx: Any = None,
        num_epoch: int | None = None,
        epoch_size: int | None = None,
        optimizer: Any = "sgd",
        initializer: Any = Uniform(0.01),  # noqa: B008
        eval_data: Any = None,
        eval_metric: Any = "acc",
        epoch_end_callback: Any = None,
        batch_end_callback: Any = None,
        kvstore: Any = "local",
        logger: Any = None,
        work_load_list: Any = None,
        eval_end_callback: Any = LogValidationMetricsCallback(),  # noqa: B008
        eval_batch_end_callback: Any = None,
        **kwargs: Any,
    ) -> FeedForward:
        """Make a network and fit it."""
        made = FeedForward(symbol, ctx, num_epoch, epoch_size, optimizer, initializer, **kwargs)
        made.fit(
            X,
            y,
            eval_data=eval_data,
            eval_metric=eval_metric,
            epoch_end_callback=epoch_end_callback,
            batch_end_callback=batch_end_callback,
            kvstore=kvstore,
            logger=logger,
            work_load_list=work_load_list,
            eval_end_callback=eval_end_callback,
            eval_batch_end_callback=eval_batch_end_callback,
        )
        return made


def _single(arrays: list[Any]) -> Any:
    return arrays[0] if len(arrays) == 1 else arrays
