"""Sentences as numbers and in buckets; checkpoints with unpacked weights."""

from __future__ import annotations

import random

import numpy as np
import pytest

import workbench as mx
from workbench import rnn


def test_sentences_become_numbers():
    assert rnn.encode_sentences([["a", "b"], ["b", "c"]]) == (
        [[0, 1], [1, 2]],
        {"\n": -1, "a": 0, "b": 1, "c": 2},
    )
    coded, vocab = rnn.encode_sentences([["a"], ["b"]], invalid_label=0, start_label=0)
    assert (coded, vocab) == ([[1], [2]], {"\n": 0, "a": 1, "b": 2})


def test_unknown_words():
    vocab = {"a": 1}
    coded, same = rnn.encode_sentences([["a", "x"]], vocab=vocab, unknown_token="UNK")
    assert coded == [[1, 0]]
    assert same is vocab
    assert vocab == {"a": 1, "UNK": 0}
    with pytest.raises(AssertionError, match="Unknown token x"):
        rnn.encode_sentences([["x"]], vocab={"a": 1})


def sentences():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 9, size=size).tolist() for size in rng.integers(1, 8, size=60)]


def test_batches_come_from_one_bucket_each(capsys):
    batches = rnn.BucketSentenceIter(sentences(), 4, buckets=[5, 3, 20], invalid_label=-1)
    assert "discarded 0 sentences" in capsys.readouterr().out
    assert batches.buckets == [3, 5, 20]
    assert batches.provide_data == [("data", (4, 20))]
    seen = set()
    for batch in batches:
        data, label = batch.data[0].asnumpy(), batch.label[0].asnumpy()
        assert data.shape == (4, batch.bucket_key)
        assert batch.provide_label == [("softmax_label", data.shape)]
        np.testing.assert_array_equal(label[:, :-1], data[:, 1:])
        assert (label[:, -1] == -1).all()
        seen.add(batch.bucket_key)
    assert seen == {3, 5, 20}
    with pytest.raises(StopIteration):
        batches.next()


def test_lengths_that_are_frequent_are_the_buckets(capsys):
    batches = rnn.BucketSentenceIter([[1, 2]] * 4 + [[1, 2, 3]] * 3 + [[1]] * 5, 4)
    assert batches.buckets == [1, 2]
    assert batches.default_bucket_key == 2
    assert "discarded 3 sentences" in capsys.readouterr().out


def test_time_first():
    batches = rnn.BucketSentenceIter(sentences(), 4, buckets=[10], layout="TN", dtype="int32")
    batch = batches.next()
    assert batch.data[0].shape == (10, 4)
    assert batch.data[0].dtype == np.int32
    assert batches.provide_data[0].layout == "TN"
    with pytest.raises(ValueError, match="Invalid layout"):
        rnn.BucketSentenceIter(sentences(), 4, layout="XT")


def test_seeds_of_python_and_numpy_decide():
    def run():
        random.seed(3)
        np.random.seed(3)
        batches = rnn.BucketSentenceIter(sentences(), 4, buckets=[10])
        return [batch.data[0].asnumpy().tolist() for batch in batches]

    assert run() == run()


def test_checkpoints_fit_fused_and_unfused_cells(tmp_path):
    fused = rnn.FusedRNNCell(4, num_layers=2, prefix="lstm_")
    symbol, _ = fused.unroll(2, mx.sym.Variable("data"), layout="TNC")
    size = 4 * 4 * (3 + 4 + 2) + 4 * 4 * (4 + 4 + 2)
    packed = {"lstm_parameters": mx.nd.random.uniform(shape=(size,))}
    prefix = str(tmp_path / "net")
    rnn.do_rnn_checkpoint(fused, prefix, period=2)(0, symbol, packed, {})
    assert list(tmp_path.iterdir()) == []
    rnn.do_rnn_checkpoint(fused, prefix, period=2)(1, symbol, packed, {})
    loaded, arguments, states = rnn.load_rnn_checkpoint([fused], prefix, 2)
    assert loaded.list_outputs() == symbol.list_outputs()
    assert states == {}
    np.testing.assert_array_equal(
        arguments["lstm_parameters"].asnumpy(), packed["lstm_parameters"].asnumpy()
    )
    _, arguments, _ = rnn.load_rnn_checkpoint(fused.unfuse(), prefix, 2)
    assert arguments["lstm_l1_h2h_weight"].shape == (16, 4)


def test_rnn_unroll_is_the_old_name():
    with pytest.warns(UserWarning, match="rnn_unroll is deprecated"):
        outputs, _ = rnn.rnn_unroll(rnn.RNNCell(3), 2, inputs=mx.sym.Variable("data"))
    assert len(outputs) == 2


def test_a_bucketing_module_learns_with_these_cells():
    """The next number of a counted sequence, in sentences of two lengths."""
    random.seed(0)
    np.random.seed(0)
    mx.random.seed(0)
    rows = [[(start + i) % 5 for i in range(size)] for start in range(5) for size in (4, 6) * 4]
    train = rnn.BucketSentenceIter(rows, 4, buckets=[4, 6], invalid_label=0)
    stack = rnn.SequentialRNNCell()
    stack.add(rnn.LSTMCell(16, prefix="l0_"))

    def network(length):
        data, label = mx.sym.Variable("data"), mx.sym.Variable("softmax_label")
        embedded = mx.sym.Embedding(data, input_dim=5, output_dim=8, name="embed")
        outputs, _ = stack.unroll(length, embedded, merge_outputs=True)
        scores = mx.sym.FullyConnected(
            mx.sym.reshape(outputs, shape=(-1, 16)), num_hidden=5, name="scores"
        )
        label = mx.sym.reshape(label, shape=(-1,))
        return mx.sym.SoftmaxOutput(scores, label, name="softmax"), ("data",), ("softmax_label",)

    module = mx.mod.BucketingModule(network, default_bucket_key=train.default_bucket_key)
    module.fit(
        train,
        num_epoch=8,
        eval_metric=mx.metric.Perplexity(None),
        optimizer="adam",
        optimizer_params={"learning_rate": 0.02},
        initializer=mx.init.Xavier(),
    )
    assert module.score(train, mx.metric.Accuracy())[0][1] > 0.75
