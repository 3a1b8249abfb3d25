"""Sparse arrays as bodies see them: raw parts of one backend, without device or history.

A body for sparse inputs (:meth:`.registry.Op.stored`) gets :class:`Csr` and :class:`Rows` in
their places and returns one of them or a dense array. Here are the two classes and what several
bodies need; what one operator does stands in :mod:`.sparse_bodies`.
"""

from __future__ import annotations

from typing import Any

from .rules import prod

__all__ = ["Csr", "Rows", "csr_at", "group_sum", "of_dense", "rows_of", "stype_of", "union"]


def stype_of(x: Any) -> str:
    """The storage type of a raw array: ``"default"`` unless it is a Csr or Rows."""
    return x.stype if isinstance(x, (Csr, Rows)) else "default"


def group_sum(xp: Any, values: Any, groups: Any) -> tuple[Any, Any]:
    """The distinct *groups*, ascending, and the sums of the *values* that belong to each.

    *values* has one entry along its first axis for each of *groups*.
    """
    if not groups.shape[0]:
        return groups, values
    if not bool((groups[1:] >= groups[:-1]).all()):
        order = xp.argsort(groups)  # whatever order equal groups get, it is always the same
        groups, values = groups[order], values[order]
    first = xp.concatenate([xp.ones(1, dtype="bool"), groups[1:] != groups[:-1]])
    if bool(first.all()):
        return groups, values
    return groups[first], _runs_sum(xp, values, xp.nonzero(first)[0], first)


def union(xp: Any, a: Any, b: Any) -> Any:
    """The numbers of two ascending arrays, each once."""
    both = xp.sort(xp.concatenate([a, b]), kind="stable")  # which merges what is sorted
    if not both.shape[0]:
        return both
    return both[xp.concatenate([xp.ones(1, dtype="bool"), both[1:] != both[:-1]])]


def _runs_sum(xp: Any, values: Any, starts: Any, first: Any) -> Any:
    """The sums of the runs of *values* that begin at *starts*."""
    reduceat = getattr(xp.add, "reduceat", None)
    if reduceat is not None:
        return reduceat(values, starts, axis=0, dtype=values.dtype)
    out = xp.zeros((starts.shape[0], *values.shape[1:]), values.dtype)
    xp.add.at(out, xp.cumsum(first) - 1, values)
    return out


class Csr:
    """A matrix by rows: row i has ``data[s]`` in the columns ``indices[s]``, s = indptr[i : i + 2].

    Columns may stand in any order, and twice: such elements add up.
    """

    __slots__ = ("data", "indices", "indptr", "shape", "xp")
    stype = "csr"

    def __init__(self, xp: Any, data: Any, indptr: Any, indices: Any, shape: Any) -> None:
        self.xp, self.data, self.indptr, self.indices = xp, data, indptr, indices
        self.shape = tuple(shape)

    @property
    def dtype(self) -> Any:
        """The dtype of the values."""
        return self.data.dtype

    @property
    def parts(self) -> tuple[Any, ...]:
        """The index arrays in the order of MXNet's files."""
        return (self.indptr, self.indices)

    def rows(self) -> Any:
        """The row of each stored element."""
        return rows_of(self.xp, self.indptr, self.data.shape[0])

    def keys(self) -> Any:
        """The place of each stored element in the flat matrix."""
        return self.rows() * self.shape[1] + self.indices

    def elements(self, rows: Any) -> tuple[Any, Any]:
        """Where the elements of the given rows are stored, and the row pointers of these rows."""
        xp = self.xp
        starts, counts = self.indptr[rows], self.indptr[rows + 1] - self.indptr[rows]
        indptr = xp.concatenate([xp.zeros(1, counts.dtype), xp.cumsum(counts)])
        size = int(indptr[-1])
        return xp.arange(size) + (starts - indptr[:-1])[rows_of(xp, indptr, size)], indptr

    def dense(self) -> Any:
        """The matrix as a dense array."""
        out = self.xp.zeros(self.shape, self.data.dtype)
        keys, values = group_sum(self.xp, self.data, self.keys())
        out.reshape(-1)[keys] = values
        return out

    def with_values(self, data: Any) -> Csr:
        """The same places with other values."""
        return Csr(self.xp, data, self.indptr, self.indices, self.shape)

    def canonical(self) -> Csr:
        """The matrix with ascending columns in each row, each once."""
        keys = self.keys()
        if bool((keys[1:] > keys[:-1]).all()):
            return self
        keys, values = group_sum(self.xp, self.data, keys)
        return csr_at(self.xp, keys, values, self.shape)


class Rows:
    """An array of which some rows are stored: ``x[indices[i]] == data[i]``, the others are 0.

    *indices* ascend. Gradients that reach a row_sparse buffer are of this class, so it adds to
    its like and to dense arrays.
    """

    __slots__ = ("data", "indices", "shape", "xp")
    stype = "row_sparse"
    __array_ufunc__ = None

    def __init__(self, xp: Any, data: Any, indices: Any, shape: Any) -> None:
        self.xp, self.data, self.indices, self.shape = xp, data, indices, tuple(shape)

    @property
    def dtype(self) -> Any:
        """The dtype of the values."""
        return self.data.dtype

    @property
    def parts(self) -> tuple[Any, ...]:
        """The index arrays in the order of MXNet's files."""
        return (self.indices,)

    def dense(self) -> Any:
        """All rows."""
        out = self.xp.zeros(self.shape, self.data.dtype)
        out[self.indices] = self.data
        return out

    def with_values(self, data: Any) -> Rows:
        """The same rows with other values."""
        return Rows(self.xp, data, self.indices, self.shape)

    def canonical(self) -> Rows:
        """The array with ascending indices; of a row that is stored twice the last one counts."""
        rows = self.indices
        if bool((rows[1:] > rows[:-1]).all()):
            return self
        order = self.xp.argsort(rows, kind="stable")
        rows = rows[order]
        last = self.xp.concatenate([rows[1:] != rows[:-1], self.xp.ones(1, dtype="bool")])
        return Rows(self.xp, self.data[order[last]], rows[last], self.shape)

    def places(self, rows: Any) -> tuple[Any, Any]:
        """Where *rows* are stored, and which of them are."""
        if not self.indices.shape[0]:
            return self.xp.zeros_like(rows), self.xp.zeros(rows.shape, "bool")
        places = self.xp.searchsorted(self.indices, rows)
        places = self.xp.minimum(places, self.indices.shape[0] - 1)
        return places, self.indices[places] == rows

    def take(self, rows: Any) -> Any:
        """The given rows, dense, zeros for those that are not stored."""
        out = self.xp.zeros((*rows.shape, *self.shape[1:]), self.data.dtype)
        places, stored = self.places(rows)
        out[stored] = self.data[places[stored]]
        return out

    def put(self, rows: Any, values: Any) -> None:
        """Write the given rows, which ascend; those that are not stored yet will be."""
        places, stored = self.places(rows)
        if bool(stored.all()):
            self.data[places] = values
            return
        indices = union(self.xp, self.indices, rows)
        data = self.take(indices)
        data[self.xp.searchsorted(indices, rows)] = values
        self.data, self.indices = data, indices

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, Rows):
            total = other.copy()
            total[self.indices] += self.data
            return total
        both = self.xp.concatenate([self.indices, other.indices])
        data = self.xp.concatenate([self.data, other.data])
        indices, sums = group_sum(self.xp, data, both)
        return Rows(self.xp, sums, indices, self.shape)

    __radd__ = __add__


def rows_of(xp: Any, indptr: Any, count: int) -> Any:
    """The row of each of *count* elements, from the row pointers."""
    return xp.cumsum(xp.bincount(indptr[1:-1], minlength=count + 1)[:count])


def csr_at(xp: Any, keys: Any, values: Any, shape: Any) -> Csr:
    """The matrix with *values* at ascending places *keys* of the flat matrix."""
    rows, columns = xp.divmod(keys, max(shape[1], 1))
    indptr = xp.searchsorted(rows, xp.arange(shape[0] + 1))
    return Csr(xp, values, indptr, columns, shape)


def of_dense(xp: Any, x: Any, stype: str) -> Any:
    """A dense array in another storage: its elements, or rows, that are not zero."""
    if stype == "default":
        return x
    if stype == "csr":
        flat = x.reshape(-1)
        (keys,) = xp.nonzero(flat)
        return csr_at(xp, keys, flat[keys], x.shape)
    (rows,) = xp.nonzero(x.reshape(x.shape[0], prod(x.shape[1:])).any(axis=1))
    return Rows(xp, x[rows], rows, x.shape)
