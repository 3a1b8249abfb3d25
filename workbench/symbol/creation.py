"""Symbols that start a graph: variables, groups, files, constants, and functions of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Number
from typing import Any

from ..attribute import AttrScope
from ..dtypes import NAME_TO_FLAG, STORAGE_FLAGS, as_dtype
from ..error import DataFileError, ParameterError, StorageError, message
from ..graph.ir import Entry, Node, here
from . import attributes
from .compose import function
from .json import check_text, from_json
from .symbol import Symbol

__all__ = [
    "Group",
    "Variable",
    "arange",
    "eye",
    "full",
    "hypot",
    "linspace",
    "load",
    "load_json",
    "maximum",
    "minimum",
    "ones",
    "pow",
    "power",
    "var",
    "zeros",
]


def var(
    name: str,
    attr: dict[str, str] | None = None,
    shape: Sequence[int] | None = None,
    lr_mult: float | None = None,
    wd_mult: float | None = None,
    dtype: Any = None,
    init: Any = None,
    stype: str | None = None,
    **kwargs: str,
) -> Symbol:
    """An input of a graph.

    Parameters
    ----------
    name : str
    attr : dict of str to str, optional
        Attributes to attach.
    shape : tuple of int, optional
        0 where the size is unknown.
    lr_mult, wd_mult : float, optional
        Factors on learning rate and weight decay.
    dtype : str or numpy dtype, optional
    init : Initializer or str, optional
    stype : str, optional
        ``"default"``, ``"row_sparse"`` or ``"csr"``.
    **kwargs : str
        Further attributes, ``__like_this__``.

    Raises
    ------
    TypeError
        The name is no text.
    ValueError
        An attribute is no text, or its name not of the form ``__name__``.
    """
    if not isinstance(name, str):
        raise TypeError("Expect a string for variable `name`")
    for key, value in (attr or {}).items():
        if not isinstance(value, str):
            raise ParameterError(f"Set Attr only accepts string values: {key}={value!r}")
    for key in kwargs:
        if not attributes.is_private(key):
            raise ParameterError(
                f"Attribute name={key} is not supported. Additional attributes must start and "
                "end with double underscores, e.g, __yourattr__"
            )
    given = {
        "__shape__": shape,
        "__lr_mult__": lr_mult,
        "__wd_mult__": wd_mult,
        "__dtype__": dtype,
        "__init__": init,
        "__storage_type__": stype,
    }
    told = {key: _TEXT[key](value) for key, value in given.items() if value is not None}
    attrs = {**AttrScope.current.get(attr), **told, **kwargs}
    return Symbol([Entry(Node(None, name, attrs=attributes.stored(attrs), where=here()))])


def _storage(stype: str) -> str:
    if stype not in STORAGE_FLAGS:
        raise ParameterError(f"unknown storage type {stype!r}; use {', '.join(STORAGE_FLAGS)}")
    return str(STORAGE_FLAGS[stype])


#: how the keywords of :func:`var` are kept
_TEXT: dict[str, Callable[[Any], str]] = {
    "__shape__": lambda shape: str(tuple(shape) if hasattr(shape, "__iter__") else (shape,)),
    "__lr_mult__": str,
    "__wd_mult__": str,
    "__dtype__": lambda dtype: str(NAME_TO_FLAG[as_dtype(dtype).name]),
    "__init__": lambda init: init if isinstance(init, str) else init.dumps(),
    "__storage_type__": _storage,
}

Variable = var


def Group(symbols: Sequence[Symbol], create_fn: Any = Symbol) -> Symbol:
    """One symbol with the outputs of all the given ones."""
    if not symbols or not all(isinstance(one, Symbol) for one in symbols):
        raise TypeError("Expected a list of symbols as input")
    return Symbol(entry for one in symbols for entry in one._entries)


def load(fname: str, *, allow_unknown: bool = False) -> Symbol:
    """The symbol in a ``symbol.json`` file, of MXNet 0.8 to 1.9.

    With *allow_unknown* nodes of operators that do not exist here are kept: the graph can be
    looked at, cut, drawn and written again, but such a node cannot run.

    Raises
    ------
    UnknownOperator
        An operator does not exist here; the text names it, its node and the neighbours.
    DataFileError, StorageError
        The file is malformed, or cannot be read.
    """
    if not isinstance(fname, (str, bytes)) and not hasattr(fname, "__fspath__"):
        raise TypeError("fname need to be string")
    try:
        with open(fname, encoding="utf-8") as handle:
            text = handle.read()
    except UnicodeDecodeError as error:
        raise DataFileError(
            message(f"symbol JSON: this is no text: {error}", where=[str(fname)])
        ) from None
    except OSError as error:
        raise StorageError.of(error, f"cannot open {fname!r}") from error
    return load_json(text, allow_unknown=allow_unknown)


def fromjson(json_str: str, *, allow_unknown: bool = False) -> Symbol:
    """The symbol that a text describes; see :func:`load`."""
    return Symbol(from_json(check_text(json_str), allow_unknown).outputs)


load_json = fromjson


# ---- constants --------------------------------------------------------------------------------


def _dtype(dtype: Any) -> str:
    return "float32" if dtype is None else as_dtype(dtype).name


def zeros(shape: Any, dtype: Any = None, **kwargs: Any) -> Symbol:
    """Zeros of a given shape."""
    return function("_zeros")(shape=shape, dtype=_dtype(dtype), **kwargs)


def ones(shape: Any, dtype: Any = None, **kwargs: Any) -> Symbol:
    """Ones of a given shape."""
    return function("_ones")(shape=shape, dtype=_dtype(dtype), **kwargs)


def full(shape: Any, val: float, dtype: Any = None, **kwargs: Any) -> Symbol:
    """An array of one number."""
    return function("_full")(shape=shape, dtype=_dtype(dtype), value=float(val), **kwargs)


def arange(
    start: float,
    stop: float | None = None,
    step: float = 1.0,
    repeat: int = 1,
    infer_range: bool = False,
    name: str | None = None,
    dtype: Any = None,
) -> Symbol:
    """Evenly spaced numbers, each *repeat* times; one number alone is the stop, as in Python."""
    return function("_arange")(
        start=start,
        stop="None" if stop is None else stop,
        step=step,
        repeat=repeat,
        infer_range=infer_range,
        name=name,
        dtype=_dtype(dtype),
    )


def linspace(
    start: float,
    stop: float,
    num: int,
    endpoint: bool = True,
    name: str | None = None,
    dtype: Any = None,
) -> Symbol:
    """*num* evenly spaced numbers from *start* to *stop*."""
    return function("_linspace")(
        start=start, stop=stop, num=num, endpoint=endpoint, name=name, dtype=_dtype(dtype)
    )


def eye(N: int, M: int = 0, k: int = 0, dtype: Any = None, **kwargs: Any) -> Symbol:
    """Ones on the *k*-th diagonal of an (N, M) array of zeros (M = 0: square)."""
    return function("_eye")(N=N, M=M, k=k, dtype=_dtype(dtype), **kwargs)


# ---- functions of two operands, each a symbol or a number ---------------------------------------


def _two(lhs: Any, rhs: Any, of_symbols: str, of_left: str, of_right: str, plain: Any) -> Any:
    """Choose by which operand is a number."""
    if isinstance(lhs, Symbol) and isinstance(rhs, Symbol):
        return function(of_symbols)(lhs, rhs)
    if isinstance(lhs, Symbol) and isinstance(rhs, Number):
        return function(of_left)(lhs, scalar=rhs)
    if isinstance(lhs, Number) and isinstance(rhs, Symbol):
        return function(of_right)(rhs, scalar=lhs)
    if isinstance(lhs, Number) and isinstance(rhs, Number):
        return plain(lhs, rhs)
    raise TypeError(f"types ({type(lhs)}, {type(rhs)}) not supported")


def pow(base: Any, exp: Any) -> Any:
    """``base ** exp`` of symbols or numbers."""
    return _two(base, exp, "_Power", "_PowerScalar", "_RPowerScalar", lambda a, b: a**b)


power = pow


def maximum(left: Any, right: Any) -> Any:
    """The larger of two, element by element."""
    return _two(left, right, "_Maximum", "_MaximumScalar", "_MaximumScalar", max)


def minimum(left: Any, right: Any) -> Any:
    """The smaller of two, element by element."""
    return _two(left, right, "_Minimum", "_MinimumScalar", "_MinimumScalar", min)


def hypot(left: Any, right: Any) -> Any:
    """``sqrt(left² + right²)``."""
    return _two(
        left, right, "_Hypot", "_HypotScalar", "_HypotScalar", lambda a, b: (a * a + b * b) ** 0.5
    )


# ---- functions of one symbol that give several ---------------------------------------------------


def histogram(a: Symbol, bins: Any = 10, range: Any = None, **kwargs: Any) -> Symbol:
    """How many elements fall into each bin, and the edges of the bins.

    *bins* is a number of equal bins over *range*, or the edges themselves as a Symbol.
    """
    if isinstance(bins, Symbol):
        return function("_histogram")(a, bins, **kwargs)
    if not isinstance(bins, int):
        raise ParameterError("histogram: bins argument should be either an integer or a Symbol")
    if range is None:
        raise ParameterError("histogram: null range is not supported in symbol mode")
    return function("_histogram")(a, bin_cnt=bins, range=range, **kwargs)


def split_v2(
    ary: Symbol, indices_or_sections: Any, axis: int = 0, squeeze_axis: bool = False
) -> Symbol:
    """Parts along an axis: so many equal ones, or those that begin at the given indices."""
    given: dict[str, Any] = {"axis": axis, "squeeze_axis": squeeze_axis}
    if isinstance(indices_or_sections, int):
        given.update(indices=(), sections=indices_or_sections)
    elif isinstance(indices_or_sections, (tuple, list)):
        given.update(indices=(0, *indices_or_sections), sections=0)
    else:
        raise ParameterError("split_v2: indices_or_sections must either int or tuple of ints")
    return function("_split_v2")(ary, **given)
