"""``mx.contrib.text.embedding``: vectors of tokens, from files and from one another."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ... import _surface, class_registry, ndarray as nd
from ...base import data_dir
from ...error import ParameterError, message
from . import pretrained
from .vector_file import read_vectors
from .vocab import UNKNOWN, Vocabulary, check

__all__ = [
    "CompositeEmbedding",
    "CustomEmbedding",
    "FastText",
    "GloVe",
    "create",
    "get_pretrained_file_names",
    "register",
]

__getattr__ = _surface.getattr_for(__name__)

_NICKNAME = "token embedding"


class _TokenEmbedding(Vocabulary):
    """A vocabulary with a vector for each token.

    Parameters are those of :class:`Vocabulary`. What loads a file of MXNet's repository has a
    dict ``pretrained_file_name_sha1``, names to sha1 sums; ``pretrained_archive_name_sha1`` where
    the files are in archives.
    """

    pretrained_file_name_sha1: dict[str, str]
    _vec_len: int
    _idx_to_vec: nd.NDArray

    @property
    def vec_len(self) -> int:
        """Numbers in a vector."""
        return self._vec_len

    @property
    def idx_to_vec(self) -> nd.NDArray:
        """The vectors of all tokens, (tokens, vec_len)."""
        return self._idx_to_vec

    @classmethod
    def _check_pretrained_file_names(cls, pretrained_file_name: str) -> None:
        if pretrained_file_name not in cls.pretrained_file_name_sha1:
            known = ", ".join(cls.pretrained_file_name_sha1)
            raise KeyError(
                f"Cannot find pretrained file {pretrained_file_name} for token embedding "
                f"{cls.__name__.lower()}. Valid pretrained files: {known}"
            )

    @classmethod
    def _get_download_file_name(cls, pretrained_file_name: str) -> str:
        """What is fetched for a file: itself, or the archive that it is in."""
        return pretrained_file_name

    @classmethod
    def _get_pretrained_file(cls, embedding_root: str, pretrained_file_name: str) -> str:
        """The path of a file below *embedding_root*, fetched where it is not there."""
        fetched = cls._get_download_file_name(pretrained_file_name)
        sums = getattr(cls, "pretrained_archive_name_sha1", cls.pretrained_file_name_sha1)
        return pretrained.file_of(
            cls.__name__.lower(),
            os.path.join(os.path.expanduser(embedding_root), cls.__name__.lower()),
            (pretrained_file_name, cls.pretrained_file_name_sha1[pretrained_file_name]),
            (fetched, sums[fetched]),
        )

    def _load_embedding(
        self,
        pretrained_file_path: str,
        elem_delim: str,
        init_unknown_vec: Callable[..., nd.NDArray],
        encoding: str = "utf8",
    ) -> None:
        """Add the tokens of a file, and take its vectors."""
        tokens, vectors, unknown = read_vectors(
            pretrained_file_path, elem_delim, encoding, self._unknown_token
        )
        for token in tokens:
            self._token_to_idx[token] = len(self._idx_to_token)
            self._idx_to_token.append(token)
        self._vec_len = vectors.shape[1]
        self._idx_to_vec = nd.array(vectors)
        self._idx_to_vec[UNKNOWN] = (
            init_unknown_vec(shape=self._vec_len) if unknown is None else nd.array(unknown)
        )

    def _build_embedding_for_vocabulary(self, vocabulary: Vocabulary | None) -> None:
        """Keep the tokens of *vocabulary* only, under its numbers."""
        if vocabulary is not None:
            check(
                isinstance(vocabulary, Vocabulary),
                "`vocabulary` must be an instance of mx.contrib.text.vocab.Vocabulary",
            )
            self._take([self], vocabulary)

    def _take(self, embeddings: list[_TokenEmbedding], vocabulary: Vocabulary) -> None:
        """The tokens of *vocabulary*, with the vectors of *embeddings* side by side."""
        known = vocabulary.idx_to_token[1:]
        vectors = []
        for one in embeddings:
            parts = [one.idx_to_vec[UNKNOWN : UNKNOWN + 1]]
            parts += [one.get_vecs_by_tokens(known)] if known else []
            vectors.append(nd.concat(*parts, dim=0))
        self._idx_to_vec = nd.concat(*vectors, dim=1)
        self._vec_len = self._idx_to_vec.shape[1]
        self._token_to_idx = vocabulary.token_to_idx.copy()
        self._idx_to_token = vocabulary.idx_to_token[:]
        self._unknown_token = vocabulary.unknown_token
        reserved = vocabulary.reserved_tokens
        self._reserved_tokens = None if reserved is None else reserved[:]

    def get_vecs_by_tokens(self, tokens: Any, lower_case_backup: bool = False) -> nd.NDArray:
        """The vector of a token (vec_len,), or those of a list of tokens (count, vec_len).

        An unknown token has the vector of ``unknown_token``; with *lower_case_backup* it is looked
        for in lower case before.
        """
        wanted = tokens if isinstance(tokens, list) else [tokens]
        if lower_case_backup:
            wanted = [one if one in self._token_to_idx else one.lower() for one in wanted]
        vectors = nd.take(self._idx_to_vec, nd.array(self.to_indices(wanted)))
        return vectors if isinstance(tokens, list) else vectors[0]

    def update_token_vectors(self, tokens: Any, new_vectors: nd.NDArray) -> None:
        """Give a token, or each of a list of tokens, another vector.

        Parameters
        ----------
        tokens : str or list of str
            known ones
        new_vectors : NDArray
            (count, vec_len); for a single token also (vec_len,)

        Raises
        ------
        ValueError
            A token is not known; vectors of unknown tokens change by naming ``unknown_token``.
        AssertionError
            The vectors are no array or have another shape.
        """
        wanted = tokens if isinstance(tokens, list) else [tokens]
        check(isinstance(new_vectors, nd.NDArray), "`new_vectors` must be an NDArray")
        if len(wanted) == 1 and new_vectors.ndim == 1:
            new_vectors = new_vectors.expand_dims(0)
        expected = (len(wanted), self._vec_len)
        check(
            new_vectors.shape == expected,
            f"`new_vectors` has shape {new_vectors.shape}, expected {expected}",
            "Give one row for each token, as wide as the embedding.",
        )
        for token in wanted:
            if token not in self._token_to_idx:
                raise ParameterError(
                    message(
                        f"Token {token} is unknown",
                        fix="To change the vector of all unknown tokens name "
                        f"{self._unknown_token}.",
                    )
                )
        self._idx_to_vec[nd.array(self.to_indices(wanted))] = new_vectors


def register(embedding_cls: type) -> type:
    """Class decorator: make an embedding known to :func:`create` by its name in lower case."""
    return class_registry.get_register_func(_TokenEmbedding, _NICKNAME)(embedding_cls)


def create(embedding_name: str, **kwargs: Any) -> _TokenEmbedding:
    """The embedding of that name (``"glove"``, ``"fasttext"``); *kwargs* go to its class."""
    return class_registry.get_create_func(_TokenEmbedding, _NICKNAME)(embedding_name, **kwargs)


def get_pretrained_file_names(embedding_name: str | None = None) -> Any:
    """The files that an embedding can load; without a name, a dict of those of all embeddings.

    Raises KeyError for an unknown name.
    """
    known: dict[str, Any] = class_registry.get_registry(_TokenEmbedding)
    names = {name: list(one.pretrained_file_name_sha1) for name, one in known.items()}
    if embedding_name is None:
        return names
    if embedding_name not in names:
        raise KeyError(
            f"Cannot find `embedding_name` {embedding_name}. There are: {', '.join(names)}"
        )
    return names[embedding_name]


class _Pretrained(_TokenEmbedding):
    """An embedding from a file of MXNet's repository."""

    def __init__(
        self,
        pretrained_file_name: str,
        embedding_root: str | None,
        init_unknown_vec: Callable[..., nd.NDArray],
        vocabulary: Vocabulary | None,
        **kwargs: Any,
    ) -> None:
        self._check_pretrained_file_names(pretrained_file_name)
        super().__init__(**kwargs)
        root = os.path.join(data_dir(), "embeddings") if embedding_root is None else embedding_root
        path = self._get_pretrained_file(root, pretrained_file_name)
        self._load_embedding(path, " ", init_unknown_vec)
        self._build_embedding_for_vocabulary(vocabulary)


@register
class GloVe(_Pretrained):
    """Vectors by co-occurrence (Pennington et al., 2014), https://nlp.stanford.edu/projects/glove.

    Parameters
    ----------
    pretrained_file_name : str
        one of ``get_pretrained_file_names("glove")``
    embedding_root : str, optional
        where files are kept; below ``MXNET_HOME`` without it
    init_unknown_vec : callable
        ``init_unknown_vec(shape=...)`` gives the vector of unknown tokens where the file has none
    vocabulary : Vocabulary, optional
        the tokens to keep; all of the file without it
    """

    pretrained_file_name_sha1 = pretrained.sums("glove", "files")
    pretrained_archive_name_sha1 = pretrained.sums("glove", "archives")

    def __init__(
        self,
        pretrained_file_name: str = "glove.840B.300d.txt",
        embedding_root: str | None = None,
        init_unknown_vec: Callable[..., nd.NDArray] = nd.zeros,
        vocabulary: Vocabulary | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            pretrained_file_name, embedding_root, init_unknown_vec, vocabulary, **kwargs
        )

    @classmethod
    def _get_download_file_name(cls, pretrained_file_name: str) -> str:
        corpus = pretrained_file_name.split(".")[1]
        archives = {name.split(".")[1]: name for name in cls.pretrained_archive_name_sha1}
        return archives[corpus]


@register
class FastText(_Pretrained):
    """Vectors with parts of words (Bojanowski et al., arXiv:1607.04606), https://fasttext.cc.

    Parameters are those of :class:`GloVe`, with ``get_pretrained_file_names("fasttext")``.
    """

    pretrained_file_name_sha1 = pretrained.sums("fasttext", "files")
    pretrained_archive_name_sha1 = pretrained.sums("fasttext", "archives")

    def __init__(
        self,
        pretrained_file_name: str = "wiki.simple.vec",
        embedding_root: str | None = None,
        init_unknown_vec: Callable[..., nd.NDArray] = nd.zeros,
        vocabulary: Vocabulary | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            pretrained_file_name, embedding_root, init_unknown_vec, vocabulary, **kwargs
        )

    @classmethod
    def _get_download_file_name(cls, pretrained_file_name: str) -> str:
        return os.path.splitext(pretrained_file_name)[0] + ".zip"


class CustomEmbedding(_TokenEmbedding):
    """Vectors from a file of the user: on each line a token and its numbers.

    Parameters
    ----------
    pretrained_file_path : str
        the file
    elem_delim : str
        what is between token and numbers
    encoding : str
        of the file
    init_unknown_vec : callable
        ``init_unknown_vec(shape=...)`` gives the vector of unknown tokens where the file has none
    vocabulary : Vocabulary, optional
        the tokens to keep; all of the file without it
    """

    def __init__(
        self,
        pretrained_file_path: str,
        elem_delim: str = " ",
        encoding: str = "utf8",
        init_unknown_vec: Callable[..., nd.NDArray] = nd.zeros,
        vocabulary: Vocabulary | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._load_embedding(pretrained_file_path, elem_delim, init_unknown_vec, encoding)
        self._build_embedding_for_vocabulary(vocabulary)


class CompositeEmbedding(_TokenEmbedding):
    """The tokens of a vocabulary, with the vectors of one or more embeddings side by side.

    Parameters
    ----------
    vocabulary : Vocabulary
        the tokens
    token_embeddings : embedding or list of embeddings
        where the vectors come from
    """

    def __init__(self, vocabulary: Vocabulary, token_embeddings: Any) -> None:
        check(
            isinstance(vocabulary, Vocabulary),
            "`vocabulary` must be an instance of mx.contrib.text.vocab.Vocabulary",
        )
        embeddings = token_embeddings if isinstance(token_embeddings, list) else [token_embeddings]
        check(
            all(isinstance(one, _TokenEmbedding) for one in embeddings),
            "`token_embeddings` must be an embedding or a list of embeddings",
        )
        self._take(embeddings, vocabulary)
