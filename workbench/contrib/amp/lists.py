"""Which operators run in which precision: MXNet's own choice, by name (``lists.json``)."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from ...error import MXNetError, message

__all__ = [
    "AmpError",
    "list_conditional_fp32_ops",
    "list_fp32_ops",
    "list_loss_output_functions",
    "list_lp16_fp32_ops",
    "list_lp16_ops",
    "list_lp16_use_fp32_params",
    "list_widest_type_cast",
]


class AmpError(MXNetError, AssertionError):
    """Mixed precision is asked for in a way that is not offered; an AssertionError in MXNet."""


@functools.cache
def _table() -> dict[str, dict[str, Any]]:
    return json.loads(Path(__file__).with_name("lists.json").read_text(encoding="utf-8"))


def _list(target_dtype: Any, kind: str) -> Any:
    name = getattr(target_dtype, "__name__", None) or str(target_dtype)
    if name not in _table():
        raise AmpError(message(f"not supported type {name}", fix="Use 'float16' or 'bfloat16'."))
    return _table()[name][kind]


def list_lp16_ops(target_dtype: Any) -> list[str]:
    """Operators that run in the short type."""
    return _list(target_dtype, "low")


def list_fp32_ops(target_dtype: Any) -> list[str]:
    """Operators that run in float32."""
    return _list(target_dtype, "float32")


def list_lp16_fp32_ops(target_dtype: Any) -> list[str]:
    """Operators that run in the type of their input."""
    return _list(target_dtype, "either")


def list_conditional_fp32_ops(target_dtype: Any) -> list[Any]:
    """Triples of operator, parameter and the values of it with which they run in float32."""
    return [tuple(one) for one in _list(target_dtype, "conditional")]


def list_widest_type_cast(target_dtype: Any) -> list[str]:
    """Operators whose inputs are all cast to the widest type among them."""
    return _list(target_dtype, "widest")


def list_loss_output_functions(target_dtype: Any) -> list[str]:
    """Operators that begin the way back, whose gradient is scaled."""
    return _list(target_dtype, "losses")


def list_lp16_use_fp32_params(target_dtype: Any) -> dict[str, list[str]] | None:
    """Operators in the short type whose named inputs stay in float32; None for float16."""
    return _list(target_dtype, "float32_params")
