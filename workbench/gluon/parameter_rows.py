"""What a row_sparse parameter has beside the rest: rows that its Trainer's store keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..context import Context, cpu
from ..error import MXNetError
from ..ndarray import NDArray, zeros

__all__ = ["StoredByRows"]


class _WrongStorage(MXNetError, RuntimeError):
    """A parameter that is read in another way than its storage asks for."""


class StoredByRows:
    """The part of a Parameter that knows its storage."""

    if TYPE_CHECKING:
        name: str
        _stype: str
        _shape: Any
        dtype: Any
        _trainer: Any
        _checked: Any
        _on: Any

    def _set_trainer(self, trainer: Any) -> None:
        """Note the Trainer (None: none); RuntimeError for a second one of a sparse value."""
        other = self._trainer is not None and trainer is not None and self._trainer is not trainer
        if other and self._stype != "default":
            raise RuntimeError(
                f"Failed to set the trainer for Parameter '{self.name}' because it was already "
                "set. More than one trainers for a sparse Parameter is not supported."
            )
        self._trainer = trainer

    def _list_stored(self) -> list[NDArray]:
        """The values on all devices, in whatever storage."""
        return list(self._checked().values())

    def _needs_rows(self, method: str, ctx: Context | None = None) -> MXNetError:
        where = "" if ctx is None else f" on context {ctx}"
        return _WrongStorage(
            f"Cannot return a copy of Parameter '{self.name}'{where} via {method}() because its "
            f"storage type is {self._stype}. Please use row_sparse_data() instead."
        )

    def row_sparse_data(self, row_id: NDArray) -> NDArray:
        """The value on *row_id*'s device with the given rows fetched from the Trainer's store.

        Raises MXNetError (a RuntimeError) for a dense parameter, or before there is a Trainer.
        """
        return self._fetch_rows([self._on(self._checked_rows(), row_id.context)], row_id)[0]

    def list_row_sparse_data(self, row_id: NDArray) -> list[NDArray]:
        """As :meth:`row_sparse_data`, on all devices."""
        return self._fetch_rows(list(self._checked_rows("list_").values()), row_id)

    def _checked_rows(self, prefix: str = "") -> dict[Context, NDArray]:
        if self._stype != "row_sparse":
            raise _WrongStorage(
                f"Cannot return a copy of Parameter {self.name} via {prefix}row_sparse_data() "
                f"because its storage type is {self._stype}. Please use data() instead."
            )
        return self._checked()

    def _fetch_rows(self, targets: list[NDArray], row_id: Any) -> list[NDArray]:
        if not isinstance(row_id, NDArray):
            raise TypeError(f"row_id must have NDArray type, but {type(row_id)} is given")
        if self._trainer is None:
            raise _WrongStorage(
                f"Cannot get row_sparse data for Parameter '{self.name}' when no Trainer is "
                "created with it."
            )
        self._trainer._row_sparse_pull(self, targets, row_id)
        return targets

    def _reduce(self) -> NDArray:
        """The value as files have it: a row_sparse one whole, from the Trainer's store."""
        if self._stype == "default" or self._trainer is None:
            return self._list_stored()[0]
        whole = zeros(self._shape, cpu(), self.dtype, stype=self._stype)
        self._trainer._row_sparse_pull(self, [whole], None)
        return whole
