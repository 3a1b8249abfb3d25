"""Vocabularies, counting, vectors of tokens from files, and their misuse."""

from __future__ import annotations

import hashlib
import zipfile
from collections import Counter

import numpy as np
import pytest

import workbench as mx
from workbench.contrib import text
from workbench.contrib.text import embedding, vocab
from workbench.error import MXNetError

COUNTS = Counter({"c": 3, "b": 2, "a": 1, "word$": 1})


@pytest.fixture
def vectors(tmp_path):
    """A file with vectors of a and b."""
    path = tmp_path / "vectors.txt"
    path.write_text("a 1 2 3\nb 4 5 6\n")
    return str(path)


def test_tokens_are_counted():
    counts = text.utils.count_tokens_from_str("*Life*is*\n*life*", r"\*", "\n")
    assert counts == Counter({"Life": 1, "is": 1, "life": 1})
    more = text.utils.count_tokens_from_str("Is is", to_lower=True, counter_to_update=counts)
    assert more is counts
    assert counts["is"] == 3


def test_frequent_tokens_come_first():
    words = vocab.Vocabulary(COUNTS, reserved_tokens=["<pad>"])
    assert words.idx_to_token == ["<unk>", "<pad>", "c", "b", "a", "word$"]
    assert words.token_to_idx["a"] == 4
    assert len(words) == 6
    assert (words.unknown_token, words.reserved_tokens) == ("<unk>", ["<pad>"])
    assert vocab.Vocabulary(COUNTS, most_freq_count=2).idx_to_token == ["<unk>", "c", "b"]
    assert vocab.Vocabulary(COUNTS, min_freq=3).idx_to_token == ["<unk>", "c"]
    assert vocab.Vocabulary(COUNTS, unknown_token="b").idx_to_token == ["b", "c", "a", "word$"]
    assert vocab.Vocabulary().reserved_tokens is None


def test_tokens_and_numbers():
    words = vocab.Vocabulary(COUNTS)
    assert words.to_indices("c") == 1
    assert words.to_indices(["c", "moon"]) == [1, 0]
    assert words.to_tokens(2) == "b"
    assert words.to_tokens([0, 1]) == ["<unk>", "c"]
    for wrong in (5, 1.0):
        with pytest.raises(ValueError, match=r"Token index .* is invalid"):
            words.to_tokens(wrong)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ({"min_freq": 0}, "min_freq"),
        ({"reserved_tokens": ["<unk>"]}, "cannot contain `unknown_token`"),
        ({"reserved_tokens": ["a", "a"]}, "duplicate reserved tokens"),
        ({"counter": {"a": 1}}, "must be an instance of collections.Counter"),
    ],
)
def test_vocabularies_that_cannot_be(arguments, what):
    with pytest.raises(AssertionError, match=what) as caught:
        vocab.Vocabulary(**arguments)
    assert isinstance(caught.value, MXNetError)


def test_vectors_of_a_file(vectors):
    own = embedding.CustomEmbedding(vectors, init_unknown_vec=mx.nd.ones)
    assert own.idx_to_token == ["<unk>", "a", "b"]
    assert own.vec_len == 3
    assert own.idx_to_vec.asnumpy().tolist() == [[1, 1, 1], [1, 2, 3], [4, 5, 6]]
    assert own.get_vecs_by_tokens("b").asnumpy().tolist() == [4, 5, 6]
    assert own.get_vecs_by_tokens(["A", "a"]).asnumpy().tolist() == [[1, 1, 1], [1, 2, 3]]
    backed = own.get_vecs_by_tokens(["A"], lower_case_backup=True)
    assert backed.asnumpy().tolist() == [[1, 2, 3]]


def test_vectors_of_a_vocabulary(vectors):
    words = vocab.Vocabulary(COUNTS, reserved_tokens=["<pad>"])
    own = embedding.CustomEmbedding(vectors, vocabulary=words)
    assert own.token_to_idx == words.token_to_idx
    assert own.reserved_tokens == ["<pad>"]
    expected = [[0, 0, 0]] * 3 + [[4, 5, 6], [1, 2, 3], [0, 0, 0]]
    assert own.idx_to_vec.asnumpy().tolist() == expected
    both = embedding.CompositeEmbedding(words, [own, embedding.CustomEmbedding(vectors)])
    assert both.vec_len == 6
    np.testing.assert_array_equal(both.idx_to_vec.asnumpy(), np.hstack([expected, expected]))
    alone = embedding.CompositeEmbedding(vocab.Vocabulary(), own)
    assert alone.idx_to_vec.asnumpy().tolist() == [[0, 0, 0]]


def test_a_file_with_a_header_and_doubles(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("2 2\na\t1\t2\n<unk>\t7\t8\na\t3\t4\n".replace("2 2", "2\t2"))
    with pytest.warns(UserWarning, match="skipped") as seen:
        own = embedding.CustomEmbedding(str(path), "\t")
    assert ["header" in str(seen[0].message), "duplicate" in str(seen[1].message)] == [True] * 2
    assert own.idx_to_vec.asnumpy().tolist() == [[7, 8], [1, 2]]


@pytest.mark.parametrize("content", ["a\n", "a 1 2\nb 1 2 3\n", ""])
def test_files_that_are_no_vectors(tmp_path, content):
    path = tmp_path / "vectors.txt"
    path.write_text(content)
    with pytest.raises(AssertionError, match=r"vectors\.txt"):
        embedding.CustomEmbedding(str(path))
    with pytest.raises(ValueError, match="must be a valid path"):
        embedding.CustomEmbedding(str(tmp_path / "none.txt"))


def test_vectors_are_replaced(vectors):
    own = embedding.CustomEmbedding(vectors)
    own.update_token_vectors("a", mx.nd.array([7, 8, 9]))
    own.update_token_vectors(["b", "<unk>"], mx.nd.array([[1, 1, 1], [2, 2, 2]]))
    assert own.idx_to_vec.asnumpy().tolist() == [[2, 2, 2], [7, 8, 9], [1, 1, 1]]
    with pytest.raises(ValueError, match="Token moon is unknown"):
        own.update_token_vectors("moon", mx.nd.zeros(3))
    for wrong in (mx.nd.zeros(2), mx.nd.zeros((2, 3)), [1, 2, 3]):
        with pytest.raises(AssertionError, match="new_vectors"):
            own.update_token_vectors("a", wrong)


def test_composites_that_cannot_be(vectors):
    own = embedding.CustomEmbedding(vectors)
    with pytest.raises(AssertionError, match="`vocabulary` must be"):
        embedding.CompositeEmbedding({"a": 1}, own)
    with pytest.raises(AssertionError, match="`vocabulary` must be"):
        embedding.CustomEmbedding(vectors, vocabulary={"a": 1})
    with pytest.raises(AssertionError, match="`token_embeddings` must be"):
        embedding.CompositeEmbedding(vocab.Vocabulary(), vectors)


def test_names_of_mxnets_files():
    assert len(embedding.get_pretrained_file_names("glove")) == 10
    assert len(embedding.get_pretrained_file_names()["fasttext"]) == 327
    with pytest.raises(KeyError, match="moon"):
        embedding.get_pretrained_file_names("moon")
    with pytest.raises(KeyError, match="Cannot find pretrained file moon"):
        embedding.create("glove", pretrained_file_name="moon")
    one = embedding.GloVe._get_download_file_name("glove.twitter.27B.25d.txt")
    assert one == "glove.twitter.27B.zip"
    assert embedding.FastText._get_download_file_name("wiki.aa.vec") == "wiki.aa.zip"


def test_files_come_out_of_archives(tmp_path, monkeypatch):
    """Fetched once from a repository, which a folder can be."""
    content = "hello 1 2\nworld 3 4\n"
    source = tmp_path / "repo/gluon/embeddings/mine"
    source.mkdir(parents=True)
    with zipfile.ZipFile(source / "own.zip", "w") as archive:
        archive.writestr("own.vec", content)
    digest = hashlib.sha1((source / "own.zip").read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setenv("MXNET_GLUON_REPO", f"file://{tmp_path}/repo/")

    class Mine(embedding._Pretrained):
        pretrained_file_name_sha1 = {
            "own.vec": hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest()
        }
        pretrained_archive_name_sha1 = {"own.zip": digest}

        def __init__(self):
            super().__init__("own.vec", str(tmp_path / "here"), mx.nd.zeros, None)

        @classmethod
        def _get_download_file_name(cls, pretrained_file_name):
            return "own.zip"

    assert Mine().get_vecs_by_tokens("world").asnumpy().tolist() == [3, 4]
    (source / "own.zip").unlink()
    assert Mine().idx_to_token == ["<unk>", "hello", "world"]
