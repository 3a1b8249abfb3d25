"""The docstring of a front-end function, made from the operator's record.

The words for a parameter are the comment beside it in the body's source, so that they cannot
drift from the signature.
"""

from __future__ import annotations

import inspect
import re
from textwrap import dedent

from .registry import Op

_COMMENT = re.compile(r"^\s*(\w+)\s*:.*?#\s*(.+)$")


def parameter_words(op: Op) -> dict[str, str]:
    """The comment beside each parameter in the body's source; empty where there is none."""
    try:
        source = inspect.getsource(op.body)
    except (OSError, TypeError):
        return {}
    head = source.split('"""', 1)[0]
    found = (_COMMENT.match(line) for line in head.splitlines())
    return {match[1]: match[2].strip() for match in found if match and match[1] in op.params}


def docstring(op: Op, name: str) -> str:
    """A numpydoc docstring: what, parameters with types and defaults, result, MXNet name."""
    words = parameter_words(op)
    lines = [dedent(op.doc).strip() or f"Operator {op.name}.", "", "Parameters", "----------"]
    if op.variadic:
        lines.append("*args : NDArray or Symbol")
    else:
        for one in op.inputs:
            lines.append(
                f"{one} : NDArray or Symbol" + (", optional" if one in op.optional else "")
            )
    for one, param in op.params.items():
        default = "required" if param.required else f"default {param.default!r}"
        lines.append(f"{one} : {param.describe()}, {default}")
        if one in words:
            lines.append(f"    {words[one]}")
    lines += ["out : NDArray or list of NDArray, optional", "    where to write the result", ""]
    others = [alias for alias in (op.name, *op.aliases) if alias != name]
    lines += ["Notes", "-----", f"MXNet 1.9.1 operator ``{op.name}``."]
    if others:
        lines.append("Also " + ", ".join(f"``{alias}``" for alias in others) + ".")
    return "\n".join(lines)
