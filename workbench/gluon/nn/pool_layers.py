"""Pooling layers."""

from __future__ import annotations

from typing import Any

from ..hybrid import HybridBlock
from .conv_layers import as_tuple

__all__ = [
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "ReflectionPad2D",
]

_LAYOUTS = {1: ("NCW", "NWC"), 2: ("NCHW", "NHWC"), 3: ("NCDHW", "NDHWC")}


class _Pooling(HybridBlock):
    """What all pooling layers share."""

    _rank = 0
    _pool_type = "max"
    _global = False

    def __init__(
        self,
        pool_size: Any,
        strides: Any,
        padding: Any,
        ceil_mode: bool,
        layout: str | None,
        count_include_pad: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        rank = self._rank
        layout = _LAYOUTS[rank][0] if layout is None else layout
        assert layout in _LAYOUTS[rank], f"layout must be one of {_LAYOUTS[rank]}, got {layout!r}"
        size = as_tuple(pool_size, rank, "pool_size")
        self._kwargs = {
            "kernel": size,
            "stride": size if strides is None else as_tuple(strides, rank, "strides"),
            "pad": as_tuple(padding, rank, "padding"),
            "global_pool": self._global,
            "pool_type": self._pool_type,
            "pooling_convention": "full" if ceil_mode else "valid",
            "layout": layout,
        }
        if count_include_pad is not None:
            self._kwargs["count_include_pad"] = count_include_pad

    def _alias(self) -> str:
        return "pool"

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Pool."""
        return F.Pooling(x, name="fwd", **self._kwargs)

    def __repr__(self) -> str:
        k = self._kwargs
        return (
            f"{type(self).__name__}(size={k['kernel']}, stride={k['stride']}, "
            f"padding={k['pad']}, ceil_mode={k['pooling_convention'] == 'full'}, "
            f"global_pool={k['global_pool']}, pool_type={k['pool_type']}, layout={k['layout']})"
        )


class MaxPool1D(_Pooling):
    """The largest of windows of *pool_size* over one axis; *strides* None: the window's size."""

    _rank, _pool_type = 1, "max"

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: Any = 0,
        layout: str = "NCW",
        ceil_mode: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, ceil_mode, layout, **kwargs)


class MaxPool2D(_Pooling):
    """The largest of windows of *pool_size* over two axes; *strides* None: the window's size."""

    _rank, _pool_type = 2, "max"

    def __init__(
        self,
        pool_size: Any = (2, 2),
        strides: Any = None,
        padding: Any = 0,
        layout: str = "NCHW",
        ceil_mode: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, ceil_mode, layout, **kwargs)


class MaxPool3D(_Pooling):
    """The largest of windows of *pool_size* over three axes; *strides* None: the window's size."""

    _rank, _pool_type = 3, "max"

    def __init__(
        self,
        pool_size: Any = (2, 2, 2),
        strides: Any = None,
        padding: Any = 0,
        layout: str = "NCDHW",
        ceil_mode: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, ceil_mode, layout, **kwargs)


class AvgPool1D(_Pooling):
    """The mean of windows of *pool_size* over one axis; *strides* None: the window's size."""

    _rank, _pool_type = 1, "avg"

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        layout: str = "NCW",
        count_include_pad: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            pool_size, strides, padding, ceil_mode, layout, count_include_pad, **kwargs
        )


class AvgPool2D(_Pooling):
    """The mean of windows of *pool_size* over two axes; *strides* None: the window's size."""

    _rank, _pool_type = 2, "avg"

    def __init__(
        self,
        pool_size: Any = (2, 2),
        strides: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        layout: str = "NCHW",
        count_include_pad: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            pool_size, strides, padding, ceil_mode, layout, count_include_pad, **kwargs
        )


class AvgPool3D(_Pooling):
    """The mean of windows of *pool_size* over three axes; *strides* None: the window's size."""

    _rank, _pool_type = 3, "avg"

    def __init__(
        self,
        pool_size: Any = (2, 2, 2),
        strides: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        layout: str = "NCDHW",
        count_include_pad: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            pool_size, strides, padding, ceil_mode, layout, count_include_pad, **kwargs
        )


class GlobalMaxPool1D(_Pooling):
    """The largest over all of one axis, which keep size 1."""

    _rank, _pool_type, _global = 1, "max", True

    def __init__(self, layout: str = "NCW", **kwargs: Any) -> None:
        super().__init__((1,), None, 0, True, layout, **kwargs)


class GlobalMaxPool2D(_Pooling):
    """The largest over all of two axes, which keep size 1."""

    _rank, _pool_type, _global = 2, "max", True

    def __init__(self, layout: str = "NCHW", **kwargs: Any) -> None:
        super().__init__((1, 1), None, 0, True, layout, **kwargs)


class GlobalMaxPool3D(_Pooling):
    """The largest over all of three axes, which keep size 1."""

    _rank, _pool_type, _global = 3, "max", True

    def __init__(self, layout: str = "NCDHW", **kwargs: Any) -> None:
        super().__init__((1, 1, 1), None, 0, True, layout, **kwargs)


class GlobalAvgPool1D(_Pooling):
    """The mean over all of one axis, which keep size 1."""

    _rank, _pool_type, _global = 1, "avg", True

    def __init__(self, layout: str = "NCW", **kwargs: Any) -> None:
        super().__init__((1,), None, 0, True, layout, **kwargs)


class GlobalAvgPool2D(_Pooling):
    """The mean over all of two axes, which keep size 1."""

    _rank, _pool_type, _global = 2, "avg", True

    def __init__(self, layout: str = "NCHW", **kwargs: Any) -> None:
        super().__init__((1, 1), None, 0, True, layout, **kwargs)


class GlobalAvgPool3D(_Pooling):
    """The mean over all of three axes, which keep size 1."""

    _rank, _pool_type, _global = 3, "avg", True

    def __init__(self, layout: str = "NCDHW", **kwargs: Any) -> None:
        super().__init__((1, 1, 1), None, 0, True, layout, **kwargs)


class ReflectionPad2D(HybridBlock):
    """Pads the last two axes with their mirror image.

    *padding* is one width for all four sides, or eight numbers as the operator ``pad`` takes.
    """

    def __init__(self, padding: Any = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(padding, int):
            padding = (0, 0, 0, 0, padding, padding, padding, padding)
        if len(padding) != 8:
            raise ValueError(f"padding must be an int or 8 ints, got {padding}")
        self._padding = tuple(padding)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Pad."""
        return F.pad(x, mode="reflect", pad_width=self._padding)
