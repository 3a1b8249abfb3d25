"""mx.io.base: descriptions, batches, and the protocol of iterators."""

from __future__ import annotations

import pickle

import pytest

import workbench as mx
from workbench import signals
from workbench.io import DataBatch, DataDesc, DataIter


def test_a_description_is_a_pair_with_dtype_and_layout():
    desc = DataDesc("data", (2, 3), "float16", "NC")
    assert desc == ("data", (2, 3))
    assert repr(desc) == "DataDesc[data,(2, 3),float16,NC]"
    again = pickle.loads(pickle.dumps(desc))
    assert (again, again.dtype, again.layout) == (desc, "float16", "NC")


@pytest.mark.parametrize(("layout", "axis"), [("TNC", 1), (None, 0), ("CHW", -1)])
def test_batch_axis(layout, axis):
    assert DataDesc.get_batch_axis(layout) == axis


def test_descriptions_of_names_and_shapes():
    typed = DataDesc.get_list([("a", (2,)), ("b", (3,))], [("a", "float16"), ("b", "int32")])
    assert [(d.name, d.shape, d.dtype) for d in typed] == [
        ("a", (2,), "float16"),
        ("b", (3,), "int32"),
    ]
    assert DataDesc.get_list([("a", (2,))], None) == [("a", (2,))]


def test_batch():
    batch = DataBatch([mx.nd.ones((2, 3))], [mx.nd.ones(2)], pad=1)
    assert str(batch) == "DataBatch: data shapes: [(2, 3)] label shapes: [(2,)]"
    assert str(DataBatch(batch.data)) == "DataBatch: data shapes: [(2, 3)] label shapes: None"
    with pytest.raises(TypeError, match="Data must be list of NDArrays"):
        DataBatch(mx.nd.ones(2))


class Three(DataIter):
    at = 0

    def iter_next(self):
        self.at += 1
        return self.at <= 3

    def getdata(self):
        return [mx.nd.full(2, self.at)]

    def getpad(self):
        return 0


def test_iterator():
    batches = list(Three(2))
    assert [float(b.data[0][0].asscalar()) for b in batches] == [1, 2, 3]
    assert batches[0].label is batches[0].index is None
    assert batches[0].pad == 0


def test_loops_are_heard(monkeypatch):
    heard = []
    for name in ("epoch", "batch"):
        listen = (lambda owner, *rest, name=name: heard.append((name, *rest)),)
        monkeypatch.setattr(signals, name, listen)
    for _ in Three(2):
        pass
    assert heard == [("epoch", None), *(("batch", i, None) for i in range(3))]
    heard.clear()
    rows = mx.nd.ones((5, 2))
    for handle, count in (("pad", 3), ("discard", 2)):
        batches = mx.io.ResizeIter(mx.io.NDArrayIter(rows, None, 2), 1)
        assert len(list(batches)) == 1
        assert heard == [("epoch", 1), ("batch", 0, 1)]  # of the outer iterator alone
        heard.clear()
        batches = mx.io.NDArrayIter(rows, None, 2, last_batch_handle=handle)
        assert len(list(batches)) == count
        assert heard[-1] == ("batch", count - 1, count)
        heard.clear()


def test_the_base_iterator_is_empty():
    empty = DataIter()
    assert empty.batch_size == 0
    assert empty.reset() is None
    assert list(empty) == []
    assert (empty.getdata(), empty.getlabel()) == (None, None)
