"""Cells whose matrices are convolutions: states are images (Shi et al., arXiv:1506.04214)."""

from __future__ import annotations

import functools
from typing import Any

from .. import symbol
from ..error import message
from .cell_base import CellError, RNNParams
from .cells import GatedCell, GRUStep, LSTMStep, PlainStep

__all__ = ["BaseConvRNNCell", "ConvGRUCell", "ConvLSTMCell", "ConvRNNCell"]

_LEAKY = functools.partial(symbol.LeakyReLU, act_type="leaky", slope=0.2)


class BaseConvRNNCell(GatedCell):
    """What convolutional cells share.

    Parameters
    ----------
    input_shape : tuple of int
        shape of the input of one step
    num_hidden : int
        channels of the output and of each state
    h2h_kernel, h2h_dilate : tuple of int
        the convolution of the state, which is padded so that it keeps its size; odd kernels only
    i2h_kernel, i2h_stride, i2h_pad, i2h_dilate : tuple of int
        the convolution of the input
    i2h_weight_initializer, h2h_weight_initializer : Initializer or str, optional
    i2h_bias_initializer, h2h_bias_initializer : Initializer or str, optional
        what the variables begin with
    activation : str or callable
        a name, or a function of a symbol; leaky ReLU with slope 0.2 by default
    prefix : str
        what names begin with
    params : RNNParams, optional
        variables to share
    conv_layout : str
        layout of the input, one that ``Convolution`` offers

    Raises
    ------
    AssertionError
        *h2h_kernel* has an even number.
    """

    _step_states = 1

    def __init__(
        self,
        input_shape: tuple[int, ...],
        num_hidden: int,
        h2h_kernel: tuple[int, ...] = (3, 3),
        h2h_dilate: tuple[int, ...] = (1, 1),
        i2h_kernel: tuple[int, ...] = (3, 3),
        i2h_stride: tuple[int, ...] = (1, 1),
        i2h_pad: tuple[int, ...] = (1, 1),
        i2h_dilate: tuple[int, ...] = (1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        activation: Any = _LEAKY,
        prefix: str = "",
        params: RNNParams | None = None,
        conv_layout: str = "NCHW",
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        if any(size % 2 == 0 for size in h2h_kernel):
            raise CellError(
                message(
                    f"Only support odd number, get h2h_kernel= {h2h_kernel}",
                    fix="Take odd numbers: the state must keep its size.",
                )
            )
        self._num_hidden, self._input_shape = num_hidden, input_shape
        self._conv_layout, self._activation = conv_layout, activation
        self._i2h: dict[str, Any] = {
            "kernel": i2h_kernel,
            "stride": i2h_stride,
            "pad": i2h_pad,
            "dilate": i2h_dilate,
            "layout": conv_layout,
        }
        pads = zip(h2h_kernel, h2h_dilate, strict=True)
        self._h2h: dict[str, Any] = {
            "kernel": h2h_kernel,
            "stride": (1,) * len(h2h_kernel),
            "pad": tuple(dilate * (size - 1) // 2 for size, dilate in pads),
            "dilate": h2h_dilate,
            "layout": conv_layout,
        }
        image = symbol.Convolution(symbol.Variable("data"), num_filter=num_hidden, **self._i2h)
        self._state_shape = (0, *image.infer_shape(data=input_shape)[1][0][1:])
        self._iW = self.params.get("i2h_weight", init=i2h_weight_initializer)
        self._hW = self.params.get("h2h_weight", init=h2h_weight_initializer)
        self._iB = self.params.get("i2h_bias", init=i2h_bias_initializer)
        self._hB = self.params.get("h2h_bias", init=h2h_bias_initializer)

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """The shape of the output, with 0 samples, for each state."""
        info = {"shape": self._state_shape, "__layout__": self._conv_layout}
        return [dict(info) for _ in range(self._step_states)]

    def _slicing(self) -> dict[str, Any]:
        axis = self._conv_layout.find("C")
        return {} if axis == 1 else {"axis": axis}

    def _projected(self, inputs: Any, state: Any, name: str) -> tuple[Any, Any]:
        channels = self._num_hidden * self._num_gates
        i2h = symbol.Convolution(
            data=inputs,
            weight=self._iW,
            bias=self._iB,
            num_filter=channels,
            name=f"{name}i2h",
            **self._i2h,
        )
        h2h = symbol.Convolution(
            data=state,
            weight=self._hW,
            bias=self._hB,
            num_filter=channels,
            name=f"{name}h2h",
            **self._h2h,
        )
        return i2h, h2h

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """One step; subclasses define it."""
        raise NotImplementedError("BaseConvRNNCell is abstract class for convolutional RNN")


class ConvRNNCell(PlainStep, BaseConvRNNCell):
    """Plain recurrent cell over images.

    Parameters are those of :class:`BaseConvRNNCell`.
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        num_hidden: int,
        h2h_kernel: tuple[int, ...] = (3, 3),
        h2h_dilate: tuple[int, ...] = (1, 1),
        i2h_kernel: tuple[int, ...] = (3, 3),
        i2h_stride: tuple[int, ...] = (1, 1),
        i2h_pad: tuple[int, ...] = (1, 1),
        i2h_dilate: tuple[int, ...] = (1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        activation: Any = _LEAKY,
        prefix: str = "ConvRNN_",
        params: RNNParams | None = None,
        conv_layout: str = "NCHW",
    ) -> None:
        super().__init__(
            input_shape,
            num_hidden,
            h2h_kernel,
            h2h_dilate,
            i2h_kernel,
            i2h_stride,
            i2h_pad,
            i2h_dilate,
            i2h_weight_initializer,
            h2h_weight_initializer,
            i2h_bias_initializer,
            h2h_bias_initializer,
            activation,
            prefix,
            params,
            conv_layout,
        )


class ConvLSTMCell(LSTMStep, BaseConvRNNCell):
    """LSTM over images; states h and c.

    Parameters are those of :class:`BaseConvRNNCell`.
    """

    _step_states = 2

    def __init__(
        self,
        input_shape: tuple[int, ...],
        num_hidden: int,
        h2h_kernel: tuple[int, ...] = (3, 3),
        h2h_dilate: tuple[int, ...] = (1, 1),
        i2h_kernel: tuple[int, ...] = (3, 3),
        i2h_stride: tuple[int, ...] = (1, 1),
        i2h_pad: tuple[int, ...] = (1, 1),
        i2h_dilate: tuple[int, ...] = (1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        activation: Any = _LEAKY,
        prefix: str = "ConvLSTM_",
        params: RNNParams | None = None,
        conv_layout: str = "NCHW",
    ) -> None:
        super().__init__(
            input_shape,
            num_hidden,
            h2h_kernel,
            h2h_dilate,
            i2h_kernel,
            i2h_stride,
            i2h_pad,
            i2h_dilate,
            i2h_weight_initializer,
            h2h_weight_initializer,
            i2h_bias_initializer,
            h2h_bias_initializer,
            activation,
            prefix,
            params,
            conv_layout,
        )

    def _slicing(self) -> dict[str, Any]:
        return {"axis": self._conv_layout.find("C")}


class ConvGRUCell(GRUStep, BaseConvRNNCell):
    """GRU over images, in the form of cuDNN.

    Parameters are those of :class:`BaseConvRNNCell`.
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        num_hidden: int,
        h2h_kernel: tuple[int, ...] = (3, 3),
        h2h_dilate: tuple[int, ...] = (1, 1),
        i2h_kernel: tuple[int, ...] = (3, 3),
        i2h_stride: tuple[int, ...] = (1, 1),
        i2h_pad: tuple[int, ...] = (1, 1),
        i2h_dilate: tuple[int, ...] = (1, 1),
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        activation: Any = _LEAKY,
        prefix: str = "ConvGRU_",
        params: RNNParams | None = None,
        conv_layout: str = "NCHW",
    ) -> None:
        super().__init__(
            input_shape,
            num_hidden,
            h2h_kernel,
            h2h_dilate,
            i2h_kernel,
            i2h_stride,
            i2h_pad,
            i2h_dilate,
            i2h_weight_initializer,
            h2h_weight_initializer,
            i2h_bias_initializer,
            h2h_bias_initializer,
            activation,
            prefix,
            params,
            conv_layout,
        )
