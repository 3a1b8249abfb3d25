"""``mx.contrib.text``: vocabularies, and vectors of words from files.

>>> from collections import Counter
>>> from workbench.contrib import text
>>> words = text.vocab.Vocabulary(Counter(["hello", "world", "world"]))
>>> words.to_indices(["world", "hello", "moon"])
[1, 2, 0]
"""

from ... import _surface
from . import embedding, utils, vocab

__all__ = ["embedding", "utils", "vocab"]

__getattr__ = _surface.getattr_for(__name__)
