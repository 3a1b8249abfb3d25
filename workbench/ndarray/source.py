"""Functions from generated source, which tracebacks and ``??`` show.

This is the only module of the package that calls ``exec``; what it runs is made from records.
"""

from __future__ import annotations

import linecache
import textwrap
from typing import Any

from . import tape

__all__ = ["SCOPE", "compile_source"]

#: what generated code sees; ``recording`` in it is the tape's counter
SCOPE = tape.flags


def compile_source(name: str, source: str, **names: Any) -> Any:
    """Run generated source that defines a function, and return that function.

    *name* is the function's; a prefix (``sym.exp``) tells functions of one name apart in
    tracebacks.
    """
    filename = f"<workbench {name}>"
    arguments, function = ", ".join(names), name.rpartition(".")[2]
    text = f"def make({arguments}):\n{textwrap.indent(source, '    ')}\n    return {function}\n"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    scope: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), SCOPE, scope)
    return scope["make"](**names)
