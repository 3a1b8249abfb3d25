"""Files of vectors: a token and its numbers on each line."""

from __future__ import annotations

import logging
import os
import warnings
from typing import Any

import numpy as np

from ...error import ParameterError, message
from .vocab import check

__all__ = ["read_vectors"]


def read_vectors(
    path: str, delimiter: str, encoding: str, unknown_token: Any
) -> tuple[list[str], np.ndarray, list[float] | None]:
    """Tokens, their vectors behind a row of zeros, and the vector of *unknown_token* or None.

    A second vector of a token is skipped with a warning, and so is a vector of one number, which
    is a header.

    Raises
    ------
    ValueError
        There is no such file.
    AssertionError
        A line has no numbers, or another count of them than the lines before.
    """
    path = os.path.expanduser(path)
    if not os.path.isfile(path):
        raise ParameterError(
            message(
                f"`pretrained_file_path` must be a valid path to the pre-trained token embedding "
                f"file, got {path}"
            )
        )
    logging.info("Loading pre-trained token embedding vectors from %s", path)
    tokens: dict[str, list[float]] = {}
    unknown, width = None, 0
    with open(path, encoding=encoding) as file:
        for number, line in enumerate(file, 1):
            token, *elements = line.rstrip().split(delimiter)
            check(bool(elements), f"At line {number} of {path}: the data format is unexpected")
            vector = [float(one) for one in elements]
            if token == unknown_token and unknown is None:
                unknown = vector
            elif token in tokens or token == unknown_token:
                _warn(number, path, f"the vector of token {token} was loaded before", "duplicate")
            elif len(vector) == 1:
                _warn(number, path, f"token {token} with 1-dimensional vector {vector}", "header")
            else:
                width = width or len(vector)
                check(
                    len(vector) == width,
                    f"At line {number} of {path}: the dimension of token {token} is {len(vector)} "
                    f"but the dimension of previous tokens is {width}",
                )
                tokens[token] = vector
    check(bool(tokens), f"{path} has no vectors of two numbers or more")
    return list(tokens), np.array([[0.0] * width, *tokens.values()], "float32"), unknown


def _warn(number: int, path: str, what: str, why: str) -> None:
    text = f"At line {number} of {path}: {what}; it is taken for a {why} and skipped."
    warnings.warn(text, stacklevel=5)
