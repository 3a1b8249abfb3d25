"""``mx.contrib.text.vocab``: numbers of tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Any

from ... import _surface
from ...error import MXNetError, ParameterError, message

__all__ = ["TextError", "Vocabulary"]

__getattr__ = _surface.getattr_for(__name__)

#: the number of every unknown token
UNKNOWN = 0


class TextError(MXNetError, AssertionError):
    """An argument breaks a rule; an AssertionError in MXNet."""


def check(holds: bool, what: str, fix: str = "") -> None:
    """Raise TextError, with *what* and *fix*, unless *holds*."""
    if not holds:
        raise TextError(message(what, fix=fix))


class Vocabulary:
    """Numbers of tokens: 0 for every unknown one, then reserved tokens, then by frequency.

    Parameters
    ----------
    counter : collections.Counter, optional
        how often each token was seen
    most_freq_count : int, optional
        how many tokens of *counter* get a number at most
    min_freq : int
        how often such a token must have been seen
    unknown_token : hashable
        what stands for all other tokens
    reserved_tokens : list of hashable, optional
        tokens that always get a number, such as ``"<pad>"``

    Raises
    ------
    AssertionError
        *min_freq* is not positive, *counter* no Counter, or the reserved tokens are not different
        from one another and from *unknown_token*.
    """

    _unknown_token: Any
    _reserved_tokens: list[Any] | None
    _idx_to_token: list[Any]
    _token_to_idx: dict[Any, int]

    def __init__(
        self,
        counter: Counter[Any] | None = None,
        most_freq_count: int | None = None,
        min_freq: int = 1,
        unknown_token: Hashable = "<unk>",
        reserved_tokens: list[Any] | None = None,
    ) -> None:
        check(min_freq > 0, f"`min_freq` must be set to a positive value, got {min_freq}")
        reserved = list(reserved_tokens or ())
        check(unknown_token not in reserved, "`reserved_token` cannot contain `unknown_token`")
        check(
            len(set(reserved)) == len(reserved),
            "`reserved_tokens` cannot contain duplicate reserved tokens",
        )
        self._unknown_token = unknown_token
        self._reserved_tokens = None if reserved_tokens is None else reserved
        self._idx_to_token = [unknown_token, *reserved]
        if counter is not None:
            check(
                isinstance(counter, Counter),
                "`counter` must be an instance of collections.Counter",
                "Count the tokens with mx.contrib.text.utils.count_tokens_from_str.",
            )
            self._add(counter, most_freq_count, min_freq)
        self._token_to_idx = {token: place for place, token in enumerate(self._idx_to_token)}

    def _add(self, counter: Counter[Any], most: int | None, least_often: int) -> None:
        """Number the tokens of *counter*, frequent ones first, equally frequent ones sorted."""
        known = set(self._idx_to_token)
        limit = len(known) + (len(counter) if most is None else most)
        ordered = sorted(sorted(counter), key=counter.__getitem__, reverse=True)
        for token in ordered:
            if counter[token] < least_often or len(self._idx_to_token) == limit:
                break
            if token not in known:
                self._idx_to_token.append(token)

    def __len__(self) -> int:
        return len(self._idx_to_token)

    @property
    def token_to_idx(self) -> dict[Any, int]:
        """The number of each token."""
        return self._token_to_idx

    @property
    def idx_to_token(self) -> list[Any]:
        """The tokens, in the order of their numbers."""
        return self._idx_to_token

    @property
    def unknown_token(self) -> Any:
        """What stands for all tokens without a number."""
        return self._unknown_token

    @property
    def reserved_tokens(self) -> list[Any] | None:
        """The tokens that got a number without being counted."""
        return self._reserved_tokens

    def to_indices(self, tokens: Any) -> Any:
        """The number of a token, or a list of those of a list of tokens."""
        if isinstance(tokens, list):
            return [self._token_to_idx.get(token, UNKNOWN) for token in tokens]
        return self._token_to_idx.get(tokens, UNKNOWN)

    def to_tokens(self, indices: Any) -> Any:
        """The token of a number, or a list of those of a list of numbers.

        Raises ValueError where a number has no token.
        """
        if isinstance(indices, list):
            return [self._token(index) for index in indices]
        return self._token(indices)

    def _token(self, index: Any) -> Any:
        if not isinstance(index, int) or index >= len(self):
            raise ParameterError(
                message(
                    f"Token index {index} in the provided `indices` is invalid",
                    fix=f"Give whole numbers below {len(self)}.",
                )
            )
        return self._idx_to_token[index]
