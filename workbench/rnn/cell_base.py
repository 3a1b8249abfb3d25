"""What all cells share: variables, states, gates in one matrix or apart, unrolling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import ndarray as nd, symbol
from ..error import MXNetError, message

__all__ = ["BaseRNNCell", "CellError", "RNNParams", "as_sequence"]


class CellError(MXNetError, AssertionError):
    """A cell is used in a way that it does not offer; an AssertionError in MXNet."""


def as_sequence(
    length: int | None, inputs: Any, layout: str, merge: bool | None
) -> tuple[Any, int]:
    """A sequence as one symbol (*merge*), as a list of steps (False), or as it is (None).

    Returns
    -------
    the sequence, and the axis of time in *layout*

    Raises
    ------
    AssertionError
        There is no input, a group of symbols where one is to be split, or a list of another length.
    """
    axis = layout.find("T")
    if inputs is None:
        raise CellError(
            message(
                "unroll(inputs=None) has been deprecated",
                fix="Create the variables of the inputs and give them to unroll.",
            )
        )
    if isinstance(inputs, symbol.Symbol):
        if merge is False:
            if len(inputs.list_outputs()) != 1:
                raise CellError(
                    message(
                        "unroll doesn't allow grouped symbol as input",
                        fix="Give list(inputs), or one symbol that holds all steps.",
                    )
                )
            split: Any = symbol.split  # squeeze_axis stands as a number in MXNet's graphs
            inputs = list(split(inputs, axis=axis, num_outputs=length, squeeze_axis=1))
    else:
        if length is not None and len(inputs) != length:
            raise CellError(
                message(f"unroll: length is {length}, but there are {len(inputs)} inputs")
            )
        if merge:
            steps = [symbol.expand_dims(step, axis=axis) for step in inputs]
            inputs = symbol.Concat(*steps, dim=axis)
    return inputs, axis


class RNNParams:
    """Variables by name; cells that hold the same object share their weights.

    Parameters
    ----------
    prefix : str
        what the names of all variables begin with
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._params: dict[str, symbol.Symbol] = {}

    def get(self, name: str, **kwargs: Any) -> symbol.Symbol:
        """The variable of that name (without the prefix), made by ``mx.sym.Variable`` if new.

        *kwargs* go to ``Variable``.
        """
        full = self._prefix + name
        if full not in self._params:
            self._params[full] = symbol.Variable(full, **kwargs)
        return self._params[full]


class BaseRNNCell:
    """One step of a recurrent network, as symbols.

    A subclass defines :attr:`state_info` and ``__call__``; one with matrices also ``_gate_names``
    and ``_num_hidden``, so that its weights can be unpacked.

    Parameters
    ----------
    prefix : str
        what the names of outputs begin with, and those of weights if *params* is None
    params : RNNParams, optional
        variables of another cell, to share its weights
    """

    _num_hidden: int
    _cells: Sequence[BaseRNNCell] = ()

    def __init__(self, prefix: str = "", params: RNNParams | None = None) -> None:
        self._own_params = params is None
        self._params = RNNParams(prefix) if params is None else params
        self._prefix = prefix
        self._modified = False
        self.reset()

    def reset(self) -> None:
        """Count steps and states anew, before the cell is used for another graph."""
        self._init_counter = self._counter = -1
        for cell in self._cells:
            cell.reset()

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """One step: *inputs* (N, C) and the states before it give output and states after it."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(inputs, states)")

    @property
    def params(self) -> RNNParams:
        """The variables of this cell, from now on shared with whoever asked."""
        self._own_params = False
        return self._params

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """Shape (0 for the samples) and ``__layout__`` of each state."""
        raise NotImplementedError(f"{type(self).__name__} must define state_info")

    @property
    def state_shape(self) -> list[tuple[int, ...]]:
        """The shapes of :attr:`state_info`."""
        return [info["shape"] for info in self.state_info]

    @property
    def _gate_names(self) -> Sequence[str]:
        """Endings of the gates' names, in the order of their rows in the matrices."""
        return ()

    def _step_name(self) -> str:
        """Count a step; what the names in it begin with."""
        self._counter += 1
        return f"{self._prefix}t{self._counter}_"

    def _check_usable(self) -> None:
        if self._modified:
            raise CellError(
                message(
                    "After applying modifier cells (e.g. DropoutCell) the base cell cannot be "
                    "called directly",
                    fix="Call the modifier cell instead.",
                )
            )

    def begin_state(self, func: Callable[..., Any] = symbol.zeros, **kwargs: Any) -> list[Any]:
        """The first states, each by ``func(name=..., shape=..., **kwargs)``.

        *func* is for example ``mx.sym.zeros``, or ``mx.sym.Variable`` for states that are inputs.
        """
        self._check_usable()
        states = []
        for info in self.state_info:
            self._init_counter += 1
            kwargs.update(info or {})
            states.append(func(name=f"{self._prefix}begin_state_{self._init_counter}", **kwargs))
        return states

    def _matrix_names(self) -> list[tuple[str, list[str]]]:
        """Each packed array's name, and those of its gates."""
        return [
            (
                f"{self._prefix}{part}_{kind}",
                [f"{self._prefix}{part}{gate}_{kind}" for gate in self._gate_names],
            )
            for part in ("i2h", "h2h")
            for kind in ("weight", "bias")
            if self._gate_names
        ]

    def unpack_weights(self, args: dict[str, nd.NDArray]) -> dict[str, nd.NDArray]:
        """A copy of *args* with an array for each gate in place of those for all gates.

        ``lstm_i2h_weight`` (4·H, I) becomes ``lstm_i2h_i_weight`` ... ``lstm_i2h_o_weight``, each
        (H, I).
        """
        args = args.copy()
        rows = getattr(self, "_num_hidden", 0)
        for whole, gates in self._matrix_names():
            packed = args.pop(whole)
            for place, name in enumerate(gates):
                args[name] = packed[place * rows : (place + 1) * rows].copy()
        return args

    def pack_weights(self, args: dict[str, nd.NDArray]) -> dict[str, nd.NDArray]:
        """A copy of *args* with the gates' arrays joined; undoes :meth:`unpack_weights`."""
        args = args.copy()
        for whole, gates in self._matrix_names():
            args[whole] = nd.concatenate([args.pop(name) for name in gates])
        return args

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
    ) -> tuple[Any, list[Any]]:
        """Run over *length* steps.

        Parameters
        ----------
        length : int
            steps
        inputs : Symbol or list of Symbol
            one symbol in *layout*, or a (N, C) for each step
        begin_state : list of Symbol, optional
            the first states; zeros without it
        layout : str
            ``"NTC"`` or ``"TNC"``
        merge_outputs : bool, optional
            outputs as one symbol in *layout* (True), as a list (False), as is cheaper (None)

        Returns
        -------
        outputs, states
        """
        self.reset()
        steps, _ = as_sequence(length, inputs, layout, False)
        states = self.begin_state() if begin_state is None else begin_state
        outputs = []
        for step in steps[:length]:
            output, states = self(step, states)
            outputs.append(output)
        return as_sequence(length, outputs, layout, merge_outputs)[0], states

    def _get_activation(self, inputs: Any, activation: Any, **kwargs: Any) -> Any:
        """Apply an activation, given by its name or as a function."""
        if isinstance(activation, str):
            named: Any = activation
            return symbol.Activation(inputs, act_type=named, **kwargs)
        return activation(inputs, **kwargs)
