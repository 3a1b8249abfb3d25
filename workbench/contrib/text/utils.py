"""``mx.contrib.text.utils``: counting words."""

from __future__ import annotations

import re
from collections import Counter

from ... import _surface

__all__ = ["count_tokens_from_str"]

__getattr__ = _surface.getattr_for(__name__)


def count_tokens_from_str(
    source_str: str,
    token_delim: str = " ",
    seq_delim: str = "\n",
    to_lower: bool = False,
    counter_to_update: Counter[str] | None = None,
) -> Counter[str]:
    """How often each token is in a text.

    Parameters
    ----------
    source_str : str
        the text
    token_delim, seq_delim : str
        regular expressions: what is between tokens, and between sequences of them
    to_lower : bool
        count lower and upper case as one
    counter_to_update : collections.Counter, optional
        counts to add to; new ones without it

    Returns
    -------
    collections.Counter

    Examples
    --------
    >>> count_tokens_from_str("Life is good \\n life is short", to_lower=True)
    Counter({'life': 2, 'is': 2, 'good': 1, 'short': 1})
    """
    tokens = filter(None, re.split(f"{token_delim}|{seq_delim}", source_str))
    counter: Counter[str] = Counter() if counter_to_update is None else counter_to_update
    counter.update(token.lower() if to_lower else token for token in tokens)
    return counter
