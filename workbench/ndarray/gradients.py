"""What autograd needs of an array: a buffer for its gradient, and backward from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..error import MXNetError
from . import tape
from .core import on, wrap

if TYPE_CHECKING:
    from .core import NDArray

__all__ = ["Gradients"]


class Gradients:
    """What autograd needs of an array."""

    def attach_grad(self: Any, grad_req: str = "write", stype: str | None = None) -> None:
        """Ask for gradients: a buffer of zeros that backward writes (or adds to).

        The array becomes a leaf: what it was computed from gets no gradient through it.
        *stype* is the storage of the buffer, by default the array's own.
        """
        if grad_req not in ("write", "add", "null"):
            raise ValueError(f"grad_req must be 'write', 'add' or 'null', got {grad_req!r}")
        kind = self.stype if stype is None else stype
        if kind == "default":
            with on(self._ctx):
                grad = wrap(self._ctx.backend.xp.zeros(self.shape, self.dtype), self._ctx)
        else:
            from .sparse import zeros

            grad = zeros(kind, self.shape, self._ctx, self.dtype)
        array: NDArray = self
        array._node = tape.leaf(grad, grad_req, self._ctx)

    def backward(
        self: Any,
        out_grad: NDArray | None = None,
        retain_graph: bool = False,
        train_mode: bool = True,
    ) -> None:
        """Gradients of the sum of this array into the leaves behind it."""
        tape.backward([self], None if out_grad is None else [out_grad], retain_graph, train_mode)

    def zero_grad(self: Any) -> None:
        """Set the gradient buffer to zero."""
        if self.grad is None:
            raise MXNetError("zero_grad: the array has no gradient; call attach_grad() first")
        self.grad[:] = 0
