"""The loader: what it gives, in which order, and how it ends."""

from __future__ import annotations

import gc
import threading
import time
import traceback

import numpy as np
import pytest

import workbench as mx
from workbench import nd, signals
from workbench.error import MXNetError
from workbench.gluon.data import (
    ArrayDataset,
    BatchSampler,
    DataLoader,
    Dataset,
    SequentialSampler,
    SimpleDataset,
)
from workbench.gluon.data.dataloader import LoaderTimeout, WorkerTraceback, default_batchify_fn

X = np.arange(20, dtype="float32").reshape(10, 2)
Y = np.arange(10, dtype="float32")
WORKERS = pytest.mark.parametrize("num_workers", [0, 1, 3])


def values(loader) -> list:
    return [[part.asnumpy().tolist() for part in batch] for batch in loader]


def workers_alive() -> int:
    return sum(thread.name.startswith("DataLoader-") for thread in threading.enumerate())


def wait_until(condition, seconds=10) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


@WORKERS
def test_batches_of_arrays(num_workers):
    loader = DataLoader(ArrayDataset(X, Y), batch_size=4, num_workers=num_workers)
    expected = [[X[i : i + 4].tolist(), Y[i : i + 4].tolist()] for i in (0, 4, 8)]
    assert len(loader) == 3
    assert values(loader) == expected
    assert values(loader) == expected
    data, label = next(iter(loader))
    assert (data.dtype, label.dtype) == (np.float32, np.float32)
    assert data.context == mx.cpu(0)


@WORKERS
@pytest.mark.parametrize("last_batch", ["keep", "discard", "rollover"])
def test_last_batch(last_batch, num_workers):
    loader = DataLoader(X, 4, last_batch=last_batch, num_workers=num_workers)
    sizes = [[len(batch) for batch in loader] for _ in range(2)]
    assert (
        sizes
        == {
            "keep": [[4, 4, 2], [4, 4, 2]],
            "discard": [[4, 4], [4, 4]],
            "rollover": [[4, 4], [4, 4, 4]],
        }[last_batch]
    )


@WORKERS
def test_shuffle_is_numpys(num_workers):
    loader = DataLoader(ArrayDataset(X, Y), 10, shuffle=True, num_workers=num_workers)
    np.random.seed(3)
    ((_, label),) = values(loader)
    np.random.seed(3)
    order = np.arange(10)
    np.random.shuffle(order)
    assert label == order.tolist()


@pytest.mark.parametrize("transformed", [False, True])
def test_arrays_at_once_and_one_by_one_are_equal(transformed):
    dataset = ArrayDataset(nd.array(X), Y.astype("int32"), nd.array(Y), list(range(10)))
    if transformed:
        dataset = dataset.take(9)

    class Plain(Dataset):
        def __len__(self):
            return len(dataset)

        def __getitem__(self, idx):
            return dataset[idx]

    fast, slow = DataLoader(dataset, 4), DataLoader(Plain(), 4)
    assert values(fast) == values(slow)
    for batch, other in zip(fast, slow, strict=True):
        assert isinstance(batch, list)
        assert [part.dtype for part in batch] == [part.dtype for part in other]


def test_a_list_an_array_and_an_ndarray_are_datasets():
    assert [batch.asnumpy().tolist() for batch in DataLoader([1, 2, 3], 2)] == [[1, 2], [3]]
    assert [batch.shape for batch in DataLoader(X, 6)] == [(6, 2), (4, 2)]
    assert [batch.shape for batch in DataLoader(nd.array(X), 6)] == [(6, 2), (4, 2)]


@WORKERS
def test_batchify_fn_and_batch_sampler(num_workers):
    sampler = BatchSampler(SequentialSampler(4), 3, "keep")
    loader = DataLoader(
        SimpleDataset("abcd"), batch_sampler=sampler, batchify_fn="".join, num_workers=num_workers
    )
    assert list(loader) == ["abc", "d"]
    assert list(DataLoader(X, batch_sampler=[[1], [0, 2]], num_workers=num_workers))[1].shape == (
        2,
        2,
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"batch_size": 2, "shuffle": True, "sampler": SequentialSampler(10)},
        {"batch_size": 2, "batch_sampler": [[0]]},
        {"batch_sampler": [[0]], "shuffle": True},
        {"batch_sampler": [[0]], "last_batch": "keep"},
        {"batch_size": 2, "timeout": 0},
        {"batch_size": 2, "last_batch": "drop"},
    ],
)
def test_arguments_that_do_not_go_together(options):
    with pytest.raises(ValueError, match=r"must|one of"):
        DataLoader(X, **options)


def test_the_order_is_kept_when_workers_differ_in_speed():
    def slow_when_even(x):
        time.sleep(0.02 if x % 2 == 0 else 0)
        return x

    dataset = SimpleDataset(list(range(12))).transform(slow_when_even)
    loader = DataLoader(dataset, 1, num_workers=4)
    assert [batch.asscalar() for batch in loader] == list(range(12))


@pytest.mark.parametrize("prefetch", [0, 1, 20, None])
def test_prefetch(prefetch):
    loader = DataLoader(X, 3, num_workers=2, prefetch=prefetch)
    assert [len(batch) for batch in loader] == [3, 3, 3, 1]


def failing(x):
    if x == 5:
        raise KeyError("five")
    return x


@pytest.mark.parametrize("num_workers", [1, 3])
def test_a_workers_exception_keeps_its_type_and_place(num_workers):
    loader = DataLoader(SimpleDataset(range(8)).transform(failing), 2, num_workers=num_workers)
    seen = []
    with pytest.raises(KeyError, match="five") as caught:
        seen.extend(batch.asnumpy().tolist() for batch in loader)
    assert seen in ([], [[0, 1], [2, 3]])
    cause = caught.value.__cause__
    assert isinstance(cause, WorkerTraceback)
    assert "samples [4, 5]" in str(cause)
    assert "in failing" in str(cause)
    text = "".join(traceback.format_exception(caught.value))
    assert "DataLoader-" in text
    assert wait_until(lambda: workers_alive() == 0)


def test_batches_before_the_failing_one_are_given():
    loader = DataLoader(SimpleDataset(range(8)).transform(failing), 2, num_workers=2)
    batches = iter(loader)
    assert [next(batches).asnumpy().tolist() for _ in range(2)] == [[0, 1], [2, 3]]
    with pytest.raises(KeyError):
        next(batches)
    assert [batch.shape for batch in DataLoader(X, 5, num_workers=2)] == [(5, 2), (5, 2)]


def test_a_cause_of_the_workers_own_is_told():
    def wrap(x):
        try:
            return {}[x]
        except KeyError as error:
            raise ValueError("wrapped") from error

    with pytest.raises(ValueError, match="wrapped") as caught:
        list(DataLoader(SimpleDataset([1]).transform(wrap), 1, num_workers=1))
    assert "KeyError: 1" in str(caught.value.__cause__)


@WORKERS
def test_stop_iteration_in_a_sample_does_not_end_the_loop_silently(num_workers):
    def stop(x):
        raise StopIteration

    loader = DataLoader(SimpleDataset([1]).transform(stop), 1, num_workers=num_workers)
    with pytest.raises(RuntimeError, match="StopIteration"):
        list(loader)


def test_leaving_early_stops_the_workers():
    made = []

    def note(x):
        made.append(x)
        return x

    loader = DataLoader(SimpleDataset(range(1000)).transform(note), 1, num_workers=2, prefetch=4)
    for _ in loader:
        break
    assert wait_until(lambda: workers_alive() == 0)
    assert len(made) < 20


def test_a_forgotten_loop_stops_the_workers():
    batches = iter(DataLoader(X, 1, num_workers=2))
    next(batches)
    del batches
    gc.collect()
    assert wait_until(lambda: workers_alive() == 0)


def test_a_worker_that_hangs_does_not_hang_the_loop():
    release = threading.Event()
    dataset = SimpleDataset([1, 2]).transform(lambda x: release.wait(30) and x)
    loader = DataLoader(dataset, 1, num_workers=1, timeout=0.1)
    start = time.monotonic()
    with pytest.raises(LoaderTimeout, match=r"timed out after 0\.1 seconds") as caught:
        list(loader)
    assert time.monotonic() - start < 10
    assert isinstance(caught.value, (MXNetError, TimeoutError))
    release.set()
    assert wait_until(lambda: workers_alive() == 0)


def test_a_workers_own_timeout_error_is_passed_on():
    def late(x):
        raise TimeoutError("from the sample")

    with pytest.raises(TimeoutError, match="from the sample"):
        list(DataLoader(SimpleDataset([1]).transform(late), 1, num_workers=1))


def test_workers_have_the_callers_context():
    with mx.cpu(1):
        (batch,) = DataLoader([1, 2], 2, num_workers=1)
    assert batch.context == mx.cpu(1)


def test_pin_memory():
    data, label = next(iter(DataLoader(ArrayDataset(X, Y), 4, pin_memory=True)))
    assert str(data.context) == str(label.context) == "cpu_pinned(0)"


def test_auto_reload_begins_the_next_epoch():
    started = []
    dataset = SimpleDataset([0]).transform(lambda x: started.append(x) or x)
    loader = DataLoader(dataset, 1, num_workers=1, auto_reload=True)
    assert wait_until(lambda: len(started) == 1)
    assert len(list(loader)) == 1
    assert wait_until(lambda: len(started) == 2)
    loader.clean()
    assert wait_until(lambda: workers_alive() == 0)
    assert len(list(loader)) == 1
    loader.clean()


@WORKERS
def test_signals_tell_epochs_and_batches(num_workers):
    told = []

    def on_epoch(loader, total):
        told.append(("epoch", total))

    def on_batch(loader, index, total):
        told.append((index, total))

    loader = DataLoader(X, 4, num_workers=num_workers)
    unknown = DataLoader(X, batch_sampler=iter([[0], [1]]))
    signals.connect("epoch", on_epoch)
    signals.connect("batch", on_batch)
    try:
        list(loader)
        list(unknown)
    finally:
        signals.disconnect("epoch", on_epoch)
        signals.disconnect("batch", on_batch)
    list(loader)
    assert told[:4] == [("epoch", 3), (0, 3), (1, 3), (2, 3)]
    assert told[4:] == [("epoch", None), (0, None), (1, None)]


def test_names_of_mxnet():
    from workbench.gluon.data import dataloader

    assert dataloader.default_mp_batchify_fn is default_batchify_fn
    assert not hasattr(dataloader, "worker_loop_v1")
