"""The loader: batches of a dataset in the order of a sampler, made here or by worker threads."""

from __future__ import annotations

import collections
import queue
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, TimeoutError as FutureTimeout
from typing import Any

from ... import signals
from ..._surface import getattr_for
from ...context import Context, current_context
from ...engine import events
from ...error import MXNetError, ParameterError, message
from ...ndarray import NDArray
from .batchify import default_batchify_fn
from .dataset import take_rows
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler

__all__ = ["DataLoader", "LoaderTimeout", "WorkerTraceback"]

__getattr__ = getattr_for(__name__)

#: in MXNet 1.9.1 the one for worker processes; threads need nothing special
default_mp_batchify_fn = default_batchify_fn


class LoaderTimeout(MXNetError, TimeoutError):
    """A worker did not finish a batch within the loader's *timeout*."""


class WorkerTraceback(Exception):
    """Stands as the cause of an exception from a worker: which samples, and where it happened."""

    def __str__(self) -> str:
        return str(self.args[0])


class DataLoader:
    """Loads the samples of a dataset in batches.

    Parameters
    ----------
    dataset : dataset-like
        Anything with a length and ``[i]``: a Dataset, a NumPy array, an NDArray, a list.
    batch_size : int
        Samples in a batch.
    shuffle : bool
        Take them in a new random order each epoch (``np.random.seed`` settles it).
    sampler : Sampler
        The order, instead of *shuffle*.
    last_batch : {'keep', 'discard', 'rollover'}
        What becomes of the samples that do not fill a batch; default ``'keep'``.
    batch_sampler : Sampler
        Gives lists of indices, instead of the four arguments before.
    batchify_fn : callable
        Makes a batch of a list of samples; default
        :func:`~workbench.gluon.data.batchify.default_batchify_fn`.
    num_workers : int
        Number of worker threads; 0 makes each batch when it is asked for.
    pin_memory : bool
        Give batches on ``cpu_pinned(pin_device_id)``.
    pin_device_id : int
        See *pin_memory*.
    prefetch : int
        Batches that workers make ahead; default ``2 * num_workers``.
    thread_pool : bool
        Taken for MXNet's sake. Workers are threads in any case: NumPy and the kernels let go of
        the interpreter's lock while they compute, nothing has to be pickled or forked, and
        datasets with open files or lambdas work.
    timeout : float
        Seconds to wait for one batch of a worker before LoaderTimeout is raised.
    auto_reload : bool
        Start the next epoch's workers as soon as an epoch ends.

    Notes
    -----
    The order of batches does not depend on *num_workers*. An exception in a worker is raised in
    the loop, with its own type, in the place of its batch; its cause tells the samples and the
    worker's traceback. A loop that is left early leaves nothing running but the samples that
    workers have begun. Batches are on the current context (MXNet's workers give
    ``cpu_shared(0)``).

    Examples
    --------
    >>> from workbench.gluon.data import ArrayDataset, DataLoader
    >>> loader = DataLoader(ArrayDataset([1, 2, 3], [4, 5, 6]), batch_size=2)
    >>> [(data.shape, label.shape) for data, label in loader]
    [((2,), (2,)), ((1,), (1,))]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        sampler: Sampler | None = None,
        last_batch: str | None = None,
        batch_sampler: Any = None,
        batchify_fn: Callable[[Sequence[Any]], Any] | None = None,
        num_workers: int = 0,
        pin_memory: bool = False,
        pin_device_id: int = 0,
        prefetch: int | None = None,
        thread_pool: bool = True,
        timeout: float = 120,
        auto_reload: bool = False,
    ) -> None:
        if timeout <= 0:
            raise ParameterError(f"timeout must be positive, given {timeout}")
        if batch_sampler is None:
            batch_sampler = _batch_sampler(dataset, batch_size, shuffle, sampler, last_batch)
        elif batch_size is not None or shuffle or sampler is not None or last_batch is not None:
            raise ValueError(
                "batch_size, shuffle, sampler and last_batch must not be specified if "
                "batch_sampler is specified."
            )
        pinned = Context("cpu_pinned", pin_device_id) if pin_memory else None
        self._source = _Source(dataset, batchify_fn or default_batchify_fn, pinned)
        self._batch_sampler = batch_sampler
        self._num_workers = max(num_workers, 0)
        self._prefetch = 2 * self._num_workers if prefetch is None else max(int(prefetch), 0)
        self._thread_pool = thread_pool
        self._timeout = timeout
        self._iter: Iterator[Any] | None = None
        self.auto_reload = auto_reload
        if auto_reload:
            self.refresh()

    def __len__(self) -> int:
        """Number of batches in an epoch."""
        return len(self._batch_sampler)

    def __iter__(self) -> Iterator[Any]:
        total = self._total()
        if signals.epoch:
            signals.fire(signals.epoch, self, total)
        if self._iter is None:
            self.refresh()
        batches, self._iter = self._iter, None
        assert batches is not None
        try:
            for index, batch in enumerate(batches):
                if signals.batch:
                    signals.fire(signals.batch, self, index, total)
                yield batch
        finally:
            batches.close()  # type: ignore[attr-defined]
        if self._iter is None and self.auto_reload:
            self.refresh()

    def refresh(self) -> None:
        """Begin an epoch now: workers start, the next loop takes what they have made."""
        self.clean()
        self._iter = _Workers(self) if self._num_workers else self._here()

    def clean(self) -> None:
        """Forget an epoch that was begun by :meth:`refresh`."""
        if self._iter is not None:
            self._iter.close()  # type: ignore[attr-defined]
        self._iter = None

    def _total(self) -> int | None:
        try:
            return len(self._batch_sampler)
        except (TypeError, NotImplementedError):
            return None

    def _here(self) -> Iterator[Any]:
        for indices in self._batch_sampler:
            yield self._source(indices)


class _Source:
    """Makes batches; workers hold it, not the loader, which may go before them."""

    def __init__(
        self, dataset: Any, batchify: Callable[[Sequence[Any]], Any], pinned: Context | None
    ) -> None:
        self.dataset = dataset
        self.batchify = batchify
        self.pinned = pinned

    def __call__(self, indices: Any) -> Any:
        """The batch of the samples at *indices*; an event in the row ``data`` while watched."""
        if not events.on:
            return self._make(indices)
        start = events.now()
        batch = self._make(indices)
        events.record("data", "batch", start, events.now(), bytes=_bytes_of(batch))
        return batch

    def _make(self, indices: Any) -> Any:
        batch = None
        if self.batchify is default_batchify_fn:
            batch = take_rows(self.dataset, indices)
        if batch is None:
            batch = self.batchify([self.dataset[i] for i in indices])
        return batch if self.pinned is None else _in_context(batch, self.pinned)


def _bytes_of(batch: Any) -> int:
    if isinstance(batch, (list, tuple)):
        return sum(_bytes_of(part) for part in batch)
    return batch._data.nbytes if isinstance(batch, NDArray) else getattr(batch, "nbytes", 0)


def _batch_sampler(
    dataset: Any,
    batch_size: int | None,
    shuffle: bool,
    sampler: Sampler | None,
    last_batch: str | None,
) -> BatchSampler:
    if batch_size is None:
        raise ValueError("batch_size must be specified unless batch_sampler is specified")
    if sampler is None:
        order = RandomSampler if shuffle else SequentialSampler
        sampler = order(len(dataset))
    elif shuffle:
        raise ValueError("shuffle must not be specified if sampler is specified")
    return BatchSampler(sampler, batch_size, last_batch or "keep")


def _in_context(batch: Any, ctx: Context) -> Any:
    if isinstance(batch, NDArray):
        return batch.as_in_context(ctx)
    if isinstance(batch, (list, tuple)):
        return [_in_context(part, ctx) for part in batch]
    return batch


_Task = tuple["Future[Any]", Any]


class _Workers:
    """One epoch made by threads: batches come out in the order in which they were asked for.

    Nobody ever waits for a thread to end. Closing empties the list of tasks; a thread ends after
    the batch that it has in hand. Threads do not hold this object, so that a loop that is simply
    forgotten closes when it is collected.
    """

    def __init__(self, loader: DataLoader) -> None:
        self._timeout = loader._timeout
        self._indices = iter(loader._batch_sampler)
        self._ahead = loader._prefetch
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._pending: collections.deque[Future[Any]] = collections.deque()
        self._number = loader._num_workers
        self._closed = False
        for i in range(self._number):
            threading.Thread(
                target=_work,
                args=(self._tasks, loader._source, current_context()),
                name=f"DataLoader-{i}",
                daemon=True,
            ).start()
        for _ in range(self._ahead):
            self._ask()

    def __iter__(self) -> _Workers:
        return self

    def __next__(self) -> Any:
        self._ask()
        if self._closed or not self._pending:
            self.close()
            raise StopIteration
        future = self._pending.popleft()
        try:
            if not events.on or future.done():
                return future.result(self._timeout)
            start = events.now()
            batch = future.result(self._timeout)
            events.record("main", "wait batch", start, events.now())
            return batch
        except FutureTimeout as error:
            self.close()
            if future.done():  # the worker's own TimeoutError
                raise
            raise LoaderTimeout(
                message(
                    f"Worker timed out after {self._timeout} seconds",
                    fix="Raise DataLoader's timeout, or make the transform faster.",
                )
            ) from error
        except StopIteration as error:  # would end the caller's loop without a word
            self.close()
            raise RuntimeError("a sample raised StopIteration") from error
        except BaseException:
            self.close()
            raise

    def _ask(self) -> None:
        """Hand the next batch to the workers, if there is one."""
        if self._closed:
            return
        indices = next(self._indices, None)
        if indices is not None:
            future: Future[Any] = Future()
            self._pending.append(future)
            self._tasks.put((future, indices))

    def close(self) -> None:
        """Drop what is not begun and let the threads go."""
        if self._closed:
            return
        self._closed = True
        for future in self._pending:
            future.cancel()
        for _ in range(self._number):
            self._tasks.put(None)

    def __del__(self) -> None:
        if hasattr(self, "_closed"):
            self.close()


def _work(tasks: queue.SimpleQueue[_Task | None], load: Callable[[Any], Any], ctx: Context) -> None:
    """A worker thread: make batches until told to stop."""
    with ctx:
        while (task := tasks.get()) is not None:
            future, indices = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(load(indices))
            except BaseException as error:
                future.set_exception(_with_worker_traceback(error, indices))
            del task, future, indices  # not kept alive while waiting for the next task


def _with_worker_traceback(error: BaseException, indices: Any) -> BaseException:
    """*error* with a cause that tells where it came from; a cause of its own is told in it."""
    lines = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    worker = threading.current_thread().name
    error.__cause__ = WorkerTraceback(f"in {worker}, samples {indices!s:.200}:\n{lines}")
    return error
