"""What operators do with the storage of sparse arrays, by name.

An operator's record says ``storage="keeps"`` (a name of :data:`RULES`) or gives a
:class:`Storage`. The rule tells the storage type of the result from the parameters and the
storage types of the inputs. Where the operator has a body for these types it computes on the
stored parts; everywhere else on dense copies, as MXNet 1.9.1 does ("storage fallback"), and the
result is stored as the rule says. Without a rule the result is dense.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .sparse import Csr, Rows, csr_at, union

__all__ = ["RULES", "Storage", "StoredOp", "keeps_where"]

Params = dict[str, Any]
Result = Callable[[Params, Sequence[str]], str]
Body = Callable[..., Any]


class Storage:
    """A rule: *result* ``(p, stypes) -> stype``, and the body that serves whatever it keeps.

    *body* is called as those of :meth:`StoredOp.stored`. *asked* is the parameter by which a
    caller asks for a storage type, of dense inputs too.
    """

    __slots__ = ("asked", "body", "result")

    def __init__(self, result: Result, body: Body | None = None, asked: str = "") -> None:
        self.result, self.body, self.asked = result, body, asked


# ---- bodies of families -------------------------------------------------------------------------


def on_values(kernel: Any, *inputs: Any, **p: Any) -> Any:
    """The operator on the stored values of its first input: zeros stay zeros."""
    data = inputs[0]
    values = kernel(data.data, *inputs[1:], **p)
    return data.with_values(values.copy() if values is data.data else values)


def _united(kernel: Any, lhs: Any, rhs: Any, **p: Any) -> Any:
    """The operator where one of two arrays of one storage has something stored."""
    xp = lhs.xp
    if isinstance(lhs, Rows):
        if lhs.indices is rhs.indices:
            return lhs.with_values(kernel(lhs.data, rhs.data, **p))
        rows = union(xp, lhs.indices, rhs.indices)
        return Rows(xp, kernel(lhs.take(rows), rhs.take(rows), **p), rows, lhs.shape)
    a, b = lhs.canonical(), rhs.canonical()
    left, right = a.keys(), b.keys()
    keys = union(xp, left, right)
    values = []
    for own, matrix in ((left, a), (right, b)):
        spread = xp.zeros(keys.shape, matrix.data.dtype)
        spread[xp.searchsorted(keys, own)] = matrix.data
        values.append(spread)
    return csr_at(xp, keys, kernel(*values, **p), lhs.shape)


def _by_either(kernel: Any, lhs: Any, rhs: Any, **p: Any) -> Any:
    """A product: where the one that is sparse has something stored."""
    if isinstance(lhs, (Csr, Rows)) and isinstance(rhs, (Csr, Rows)):
        return _united(kernel, lhs, rhs, **p)
    sparse = lhs if isinstance(lhs, (Csr, Rows)) else rhs
    dense = rhs if sparse is lhs else lhs
    if isinstance(sparse, Csr):
        sparse = sparse.canonical()
        there = dense[sparse.rows(), sparse.indices]
    else:
        there = dense[sparse.indices]
    return sparse.with_values(
        kernel(there, sparse.data, **p) if dense is lhs else kernel(sparse.data, there, **p)
    )


def _by_left(kernel: Any, lhs: Csr, rhs: Any, **p: Any) -> Any:
    """A matrix times, or divided by, something dense that broadcasts to it."""
    lhs, xp = lhs.canonical(), lhs.xp
    if len(rhs.shape) > 2:
        return NotImplemented
    rows, columns = rhs.shape if len(rhs.shape) == 2 else (1, rhs.shape[0])
    if rows not in (1, lhs.shape[0]) or columns not in (1, lhs.shape[1]):
        return NotImplemented
    places = [
        own if size > 1 else xp.zeros_like(own)
        for own, size in ((lhs.rows(), rows), (lhs.indices, columns))
    ]
    there = rhs.reshape(rows, columns)[places[0], places[1]]
    return lhs.with_values(kernel(lhs.data, there, **p))


def _by_rows_of_left(kernel: Any, lhs: Rows, rhs: Any, **p: Any) -> Rows:
    """The operator in the stored rows of the left array alone."""
    rhs = rhs.dense() if isinstance(rhs, Csr) else rhs
    there = rhs.take(lhs.indices) if isinstance(rhs, Rows) else rhs[lhs.indices]
    return lhs.with_values(kernel(lhs.data, there, **p))


# ---- results ------------------------------------------------------------------------------------


def _same(p: Params, stypes: Sequence[str]) -> str:
    return stypes[0] if len(set(stypes)) == 1 else "default"


def _either(p: Params, stypes: Sequence[str]) -> str:
    lhs, rhs = stypes
    if lhs == rhs or rhs == "default":
        return lhs
    return rhs if lhs == "default" else "default"


def keeps_where(test: Callable[[Params], bool], only: str | None = None) -> Storage:
    """Zeros stay zeros where *test* holds of the parameters; *only* for one storage type."""

    def result(p: Params, stypes: Sequence[str]) -> str:
        return stypes[0] if test(p) and only in (None, stypes[0]) else "default"

    return Storage(result, on_values)


RULES = {
    # zeros stay zeros: only the stored values are computed
    "keeps": Storage(lambda p, stypes: stypes[0], on_values),
    # two of one storage: where one of them has something stored
    "same": Storage(_same, _united),
    # a product: where both have, or the sparse one has, something stored
    "either": Storage(_either, _by_either),
    # csr times or divided by something dense that broadcasts
    "left": Storage(lambda p, s: "csr" if list(s) == ["csr", "default"] else "default", _by_left),
    # the rows that the left array stores
    "rows of left": Storage(
        lambda p, s: s[0] if s[0] == "row_sparse" else "default",
        _by_rows_of_left,
    ),
    # an update: as the weight
    "update": Storage(lambda p, stypes: stypes[0]),
    # what the parameter says
    "stype": Storage(lambda p, stypes: p["stype"], asked="stype"),
}


def _repeats(key: tuple[Any, ...], stypes: tuple[str, ...]) -> bool:
    """Whether *stypes* are those of *key*, whose last one the ellipsis repeats."""
    if key[-1] is not ... or len(stypes) < len(key) - 1:
        return False
    own = key[:-1]
    return stypes == own + own[-1:] * (len(stypes) - len(own))


# ---- the record's part --------------------------------------------------------------------------


class StoredOp:
    """What an operator's record knows of sparse arrays.

    ``storage`` is the rule, None for a dense result; ``bodies`` maps the storage types of the
    inputs to the body over their parts; ``row_grads`` maps an input to when its gradient goes by
    rows, and to that gradient; ``rows_of_dense`` tells that it may where all inputs are dense.
    """

    name: str
    storage: Storage | None
    bodies: dict[tuple[Any, ...], Body]
    row_grads: dict[str, tuple[Callable[..., bool], Callable[..., Any]]]
    rows_of_dense: bool
    _backward: Any

    def set_storage(self, storage: str | Storage | None) -> None:
        """Begin with a rule, or the name of one."""
        self.storage = RULES[storage] if isinstance(storage, str) else storage
        self.bodies, self.row_grads, self.rows_of_dense = {}, {}, False

    def stored(self, *stypes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorator: a body for inputs of these storage types, ``(kernel, *inputs, **params)``.

        Sparse inputs are :class:`.sparse.Csr` and :class:`.sparse.Rows`, *kernel* is the operator
        on dense arrays. An ellipsis repeats the type before it. NotImplemented falls back.
        """

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            self.bodies[stypes] = function
            return function

        return add

    def row_grad(
        self,
        name: str,
        when: Callable[[dict[str, Any], Sequence[str]], bool],
        dense: bool = False,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorator: the gradient ``(xp, g, inputs, p)`` of an input by rows.

        It is taken where *when* holds of the parameters and the inputs' storage types, and gives
        :class:`.sparse.Rows` or a dense array. *dense* says that it may hold of dense inputs; the
        rule may read then only what the other rules save.
        """

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            self.row_grads[name] = (when, function)
            self.rows_of_dense = self.rows_of_dense or dense
            self._backward = None
            return function

        return add

    def stype(self, p: dict[str, Any], stypes: Sequence[str]) -> str:
        """The storage type of the result for inputs of these storage types."""
        return "default" if self.storage is None else self.storage.result(p, stypes)

    def is_asked(self, p: dict[str, Any]) -> bool:
        """Whether the caller asks for a sparse result, whatever the inputs are."""
        rule = self.storage
        return rule is not None and bool(rule.asked) and p[rule.asked] in ("csr", "row_sparse")

    def body_for(self, p: dict[str, Any], stypes: Sequence[str]) -> Callable[..., Any] | None:
        """The body that serves inputs of these storage types, if there is one."""
        found = self.bodies.get(tuple(stypes))
        if found is None:
            found = next((b for k, b in self.bodies.items() if _repeats(k, tuple(stypes))), None)
        if found is None and self.storage is not None and self.stype(p, stypes) != "default":
            found = self.storage.body
        return found
