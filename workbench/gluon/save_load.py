"""Parameters of a block to and from ``.params`` files, with errors that tell what to do."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from .. import ndarray as nd
from .parameter import Parameter

__all__ = ["check", "load_dict", "load_parameters", "save_parameters"]


def save_parameters(block: Any, filename: str, deduplicate: bool = False) -> None:
    """Write structural names and values; with *deduplicate* a shared parameter once."""
    params: dict[str, Parameter] = block._collect_params_with_prefix()
    if deduplicate:
        last = {id(parameter): name for name, parameter in params.items()}
        params = {name: p for name, p in params.items() if last[id(p)] == name}
    nd.save(filename, {name: parameter._reduce() for name, parameter in params.items()})


def load_parameters(
    block: Any,
    filename: str,
    ctx: Any,
    allow_missing: bool,
    ignore_extra: bool,
    cast_dtype: bool,
    dtype_source: str,
) -> None:
    """Read a file of structural names, or of full names when no name has a dot."""
    loaded = nd.load(filename)
    if isinstance(loaded, list):
        if loaded:
            raise ValueError(f"{filename} holds arrays without names; parameters need names")
        loaded = {}
    load_dict(block, filename, loaded, ctx, allow_missing, ignore_extra, cast_dtype, dtype_source)


def load_dict(
    block: Any,
    source: str,
    loaded: Mapping[str, Any],
    ctx: Any,
    allow_missing: bool,
    ignore_extra: bool,
    cast_dtype: bool,
    dtype_source: str,
) -> None:
    """Put loaded arrays into the parameters of *block*."""
    params = block._collect_params_with_prefix()
    values = {
        name.removeprefix("arg:").removeprefix("aux:"): array for name, array in loaded.items()
    }
    if params and values and not any("." in name for name in values):
        full = dict(block.collect_params().items())
        if not set(values) & set(params) or any("." in name for name in params):
            params = full
    else:
        _complete_shared(params, values)
    check(source, params, values, allow_missing, ignore_extra, cast_dtype)
    for name, array in values.items():
        if name in params:
            params[name]._load_init(array, ctx, cast_dtype, dtype_source)


def _complete_shared(params: Mapping[str, Parameter], values: dict[str, Any]) -> None:
    """A file written with ``deduplicate`` names a shared parameter once: find its other names."""
    by_parameter = {id(params[name]): array for name, array in values.items() if name in params}
    for name, parameter in params.items():
        if name not in values and id(parameter) in by_parameter:
            values[name] = by_parameter[id(parameter)]


def check(
    source: str,
    params: Mapping[str, Parameter],
    values: Mapping[str, Any],
    allow_missing: bool,
    ignore_extra: bool,
    cast_dtype: bool,
) -> None:
    """AssertionError with a table when names, shapes or dtypes of file and network do not fit."""
    missing = [] if allow_missing else [name for name in params if name not in values]
    extra = [] if ignore_extra else [name for name in values if name not in params]
    found = {
        name: params[name]._misfit(values[name], cast_dtype) for name in params if name in values
    }
    misfits = {name: problem for name, problem in found.items() if problem}
    if not missing and not extra and not misfits:
        return
    rows: list[tuple[str, ...]] = [("expected", "shape", "found", "shape", "note")]
    used: set[str] = set()
    for name in missing:
        near = difflib.get_close_matches(name, [one for one in extra if one not in used], 1, 0.4)
        used.update(near)
        note = "nearest name" if near else "missing"
        rows.append((name, str(params[name].shape), *_described(near, values), note))
    for name in misfits:
        note = misfits[name].partition(" incompatible")[0] + " differs"
        rows.append((name, str(params[name].shape), *_described([name], values), note))
    for name in extra:
        if name not in used:
            rows.append(("", "", *_described([name], values), "not in the network"))
    raise AssertionError(_explain(source, missing, extra, misfits, rows))


def _described(names: list[str], values: Mapping[str, Any]) -> tuple[str, str]:
    """Name and shape of an array of the file, for the table."""
    return (names[0], str(tuple(values[names[0]].shape))) if names else ("", "")


def _explain(
    source: str,
    missing: list[str],
    extra: list[str],
    misfits: Mapping[str, str],
    rows: list[tuple[str, ...]],
) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    what = []
    if missing:
        what.append(f"Parameter '{missing[0]}' is missing in {source}")
    if extra:
        what.append(f"Parameter '{extra[0]}' loaded from {source} is not present in the network")
    for name, problem in list(misfits.items())[:1]:
        what.append(f"Failed loading Parameter '{name}' from {source}: {problem}")
    if missing or extra:
        fix = "Set allow_missing=True or ignore_extra=True to go on, or rename the arrays."
    else:
        fix = "Build the network with the sizes that the file has."
    return "\n  ".join(["; ".join(what) + ":", *(line.rstrip() for line in lines), "fix: " + fix])
