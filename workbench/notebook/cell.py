"""A notebook cell as a magic runs it: unchanged, with its own traceback and its last value."""

from __future__ import annotations

import ast
import inspect
import io
import tokenize
from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["Cell", "guess_epochs", "parse_cell", "run_cell"]

_TRAINING = frozenset({"backward", "step", "fit", "forward_backward", "update"})


class Cell(NamedTuple):
    """Source that is ready to run.

    Attributes
    ----------
    tree : its syntax tree after IPython's transformations.
    name : the file name it is compiled under.
    quiet : it ends with a semicolon, so its last value is not shown.
    """

    tree: ast.Module
    name: str
    quiet: bool


def parse_cell(shell: Any, source: str) -> Cell:
    """Make *source* ready to run. Raises SyntaxError where it has one."""
    text = shell.transform_cell(source)
    name = shell.compile.cache(text, _number_of_this_cell(shell), raw_code=source)
    with shell.builtin_trap:
        tree = shell.transform_ast(shell.compile.ast_parse(text, filename=name))
    return Cell(tree, name, _ends_with_semicolon(text))


def _ends_with_semicolon(text: str) -> bool:
    """Whether the last token, comments aside, is a semicolon."""
    skip = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.DEDENT)
    found = [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in skip
    ]
    return found[-1:] == [";"]


def _number_of_this_cell(shell: Any) -> int:
    """The number of the cell that is running, for its tracebacks: IPython has counted on by now."""
    numbers = getattr(shell.compile, "_filename_map", {})
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code.co_filename in numbers:
            return int(numbers[frame.f_code.co_filename])
        frame = frame.f_back
    return int(shell.execution_count)


def run_cell(shell: Any, cell: Cell) -> None:
    """Run a parsed cell in the user's namespace; what it raises passes through.

    IPython leaves frames out of a traceback that say so, hence the reader sees the lines of the
    cell and below, as without the magic.
    """
    __tracebackhide__ = True
    tree, name, quiet = cell
    last = tree.body[-1] if tree.body else None
    parts: list[tuple[ast.Module | ast.Interactive, str]] = [(tree, "exec")]
    if isinstance(last, ast.Expr) and not quiet and shell.ast_node_interactivity == "last_expr":
        before = ast.Module(tree.body[:-1], tree.type_ignores)
        parts = [(before, "exec"), (ast.Interactive([last]), "single")]
    codes = [shell.compile(part, name, mode) for part, mode in parts]
    if any(code.co_flags & inspect.CO_COROUTINE for code in codes):
        raise SyntaxError("a cell with a top-level await cannot run under this magic")
    for code in codes:
        exec(code, shell.user_global_ns, shell.user_ns)


def guess_epochs(tree: ast.AST, namespace: Mapping[str, Any]) -> int | None:
    """How many epochs the code is going to run, read off its outermost training loop.

    Looks for ``for … in range(N)`` around a loop that trains, or for ``fit(num_epoch=N)``, with N
    a number, or a name whose value is known; None where the code does not say so plainly.

    >>> guess_epochs(ast.parse("for e in range(3):\\n for x in data:\\n  loss.backward()"), {})
    3
    """
    names = _assigned(tree) | {
        name: value for name, value in namespace.items() if type(value) is int
    }
    names.update(_assigned(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.For) and _trains(node) and _has_inner_loop(node):
            return _range_length(node.iter, names)
        if isinstance(node, ast.Call) and _called(node) == "fit":
            for keyword in node.keywords:
                if keyword.arg in ("num_epoch", "epochs"):
                    return _number(keyword.value, names)
    return None


def _assigned(tree: ast.AST) -> dict[str, int]:
    """Names that the code gives one whole number, and nothing else."""
    found: dict[str, list[int | None]] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            for one, value in pairs:
                if isinstance(one, ast.Name):
                    number = value.value if isinstance(value, ast.Constant) else None
                    known = number if type(number) is int else None
                    found.setdefault(one.id, []).append(known)
    return {
        name: values[0]
        for name, values in found.items()
        if len(values) == 1 and values[0] is not None
    }


def _number(node: ast.AST, names: Mapping[str, int]) -> int | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return names.get(node.id) if isinstance(node, ast.Name) else None


def _range_length(node: ast.AST, names: Mapping[str, int]) -> int | None:
    if not (isinstance(node, ast.Call) and _called(node) == "range" and node.args):
        return None
    numbers = [_number(arg, names) for arg in node.args]
    if any(number is None for number in numbers) or 0 in numbers[2:]:
        return None
    return len(range(*numbers)) or None  # type: ignore[arg-type]


def _called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _trains(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Call) and _called(n) in _TRAINING for n in ast.walk(node))


def _has_inner_loop(node: ast.For) -> bool:
    inner = (n for statement in node.body for n in ast.walk(statement))
    return any(isinstance(n, ast.For | ast.While) and _trains(n) for n in inner)
