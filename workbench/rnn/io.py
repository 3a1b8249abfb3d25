"""``mx.rnn.io``: sentences as numbers, and as batches of about the same length."""

from __future__ import annotations

import bisect
import random
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import _surface, ndarray as nd
from ..error import ParameterError, message
from ..io import DataBatch, DataDesc, DataIter
from .cell_base import CellError

__all__ = ["BucketSentenceIter", "encode_sentences"]

__getattr__ = _surface.getattr_for(__name__)


def encode_sentences(
    sentences: Iterable[Iterable[str]],
    vocab: dict[str, int] | None = None,
    invalid_label: int = -1,
    invalid_key: str = "\n",
    start_label: int = 0,
    unknown_token: str | None = None,
) -> tuple[list[list[int]], dict[str, int]]:
    """Sentences as lists of numbers.

    Parameters
    ----------
    sentences : list of list of str
        words
    vocab : dict of str to int, optional
        numbers of words; made from the sentences without it
    invalid_label, invalid_key : int, str
        number and key of what fills short sentences, in a vocabulary that is made
    start_label : int
        the number of the first new word; *invalid_label* is skipped
    unknown_token : str, optional
        the word to count instead of those that *vocab* does not have

    Returns
    -------
    the numbers, and the vocabulary (*vocab* itself where given)

    Raises
    ------
    AssertionError
        A word is not in *vocab*, and there is no *unknown_token*.

    Notes
    -----
    As in MXNet each unknown word moves *unknown_token* on to the next number.
    """
    fixed = vocab is not None
    known: dict[str, int] = {invalid_key: invalid_label} if vocab is None else vocab
    following = start_label
    coded = []
    for sentence in sentences:
        numbers = []
        for word in sentence:
            if word not in known:
                if fixed and not unknown_token:
                    raise CellError(
                        message(
                            f"Unknown token {word}",
                            fix="Give unknown_token, or no vocab to have one made.",
                        )
                    )
                if following == invalid_label:
                    following += 1
                word = unknown_token or word
                known[word] = following
                following += 1
            numbers.append(known[word])
        coded.append(numbers)
    return coded, known


class BucketSentenceIter(DataIter):
    """Batches of sentences for a language model, each batch from one bucket of lengths.

    The label of each word is the word after it.

    Parameters
    ----------
    sentences : list of list of int
        encoded, see :func:`encode_sentences`; those longer than all buckets are left out
    batch_size : int
        sentences in a batch
    buckets : list of int, optional
        lengths to which sentences are filled up; without it every length that at least
        *batch_size* sentences have
    invalid_label : int
        what fills up
    data_name, label_name : str
        arguments of the network
    dtype : str
        of data and label
    layout : str
        ``"NT"`` for (batch_size, length), ``"TN"`` for (length, batch_size)

    Raises
    ------
    ValueError
        Another layout.
    """

    def __init__(
        self,
        sentences: Sequence[Sequence[int]],
        batch_size: int,
        buckets: list[int] | None = None,
        invalid_label: int = -1,
        data_name: str = "data",
        label_name: str = "softmax_label",
        dtype: Any = "float32",
        layout: str = "NT",
    ) -> None:
        super().__init__(batch_size)
        self.major_axis = layout.find("N")
        if self.major_axis not in (0, 1):
            raise ParameterError(
                f"Invalid layout {layout}: Must be NT (batch major) or TN (time major)"
            )
        self.layout, self.dtype, self.invalid_label = layout, dtype, invalid_label
        self.data_name, self.label_name = data_name, label_name
        if not buckets:
            counts = np.bincount([len(one) for one in sentences])
            buckets = [length for length, count in enumerate(counts) if count >= batch_size]
        self._fill(sentences, sorted(buckets))
        self.default_bucket_key = max(self.buckets)
        shape = self._turned((batch_size, self.default_bucket_key))
        self.provide_data = [DataDesc(data_name, shape, layout=layout)]
        self.provide_label = [DataDesc(label_name, shape, layout=layout)]
        self.idx = [
            (bucket, start)
            for bucket, rows in enumerate(self.data)
            for start in range(0, len(rows) - batch_size + 1, batch_size)
        ]
        self.reset()

    def _fill(self, sentences: Sequence[Sequence[int]], buckets: list[int]) -> None:
        """Sort the sentences into the buckets that get any."""
        rows: list[list[Any]] = [[] for _ in buckets]
        discarded = 0
        for sentence in sentences:
            place = bisect.bisect_left(buckets, len(sentence))
            if place == len(buckets):
                discarded += 1
                continue
            row = np.full(buckets[place], self.invalid_label, dtype=self.dtype)
            row[: len(sentence)] = sentence
            rows[place].append(row)
        print(f"WARNING: discarded {discarded} sentences longer than the largest bucket.")
        self.buckets = [length for length, some in zip(buckets, rows, strict=True) if some]
        self.data = [np.asarray(some, dtype=self.dtype) for some in rows if some]

    def _turned(self, pair: Any) -> Any:
        return pair[:: -1 if self.major_axis else 1]

    def reset(self) -> None:
        """Shuffle sentences and batches, and start anew.

        Python's and NumPy's generators decide, so seed both for equal batches.
        """
        self.curr_idx = 0
        random.shuffle(self.idx)
        self.nddata, self.ndlabel = [], []
        for rows in self.data:
            np.random.shuffle(rows)
        for rows in self.data:
            label = np.full_like(rows, self.invalid_label)
            label[:, :-1] = rows[:, 1:]
            self.nddata.append(nd.array(rows, dtype=self.dtype))
            self.ndlabel.append(nd.array(label, dtype=self.dtype))

    def next(self) -> DataBatch:
        """The next batch, with its length as ``bucket_key``."""
        if self.curr_idx == len(self.idx):
            raise StopIteration
        bucket, start = self.idx[self.curr_idx]
        self.curr_idx += 1
        rows = slice(start, start + self.batch_size)
        data, label = self.nddata[bucket][rows], self.ndlabel[bucket][rows]
        if self.major_axis:
            data, label = data.T, label.T
        return DataBatch(
            [data],
            [label],
            pad=0,
            bucket_key=self.buckets[bucket],
            provide_data=[DataDesc(self.data_name, data.shape, layout=self.layout)],
            provide_label=[DataDesc(self.label_name, label.shape, layout=self.layout)],
        )
