"""Write the files that are generated and committed: ``make generate``.

    python scripts/generate.py            write them
    python scripts/generate.py --check    write nothing; exit 1 and name what is out of date
    ... --no-bundles, --only-bundles      leave out, or do nothing but, the JavaScript bundles

Generated are the tables in docs/compat.md, from the package itself and the listing of MXNet
1.9.1's public names, type stubs of the operators' functions, and the JavaScript bundles, from
widgets/ (where npm is installed).
"""

from __future__ import annotations

import importlib
import inspect
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import golden_cases
import left_out
import unit_tests
from stubs import stubs

ROOT = Path(__file__).parent.parent
COMPAT = ROOT / "docs" / "compat.md"
LISTING = Path(__file__).parent / "mxnet_listing.json"
BEGIN, END = "<!-- generated: {} -->", "<!-- end: {} -->"


def _row(name: str, built: Iterable[str], missing: Iterable[str]) -> str:
    """A line of a table: what, how much of it, what is not there."""
    there, absent = list(built), list(missing)
    words = ", ".join(f"`{one}`" for one in absent) if there else "all of it"
    return f"| `{name}` | {len(there)} of {len(there) + len(absent)} | {words if absent else ''} |"


def _split(owner: object, names: Iterable[str]) -> tuple[list[str], list[str]]:
    """The names that *owner* has and those it has not."""
    there: list[str] = []
    absent: list[str] = []
    for name in names:
        (there if hasattr(owner, name) else absent).append(name)
    return there, absent


def names_table() -> list[str]:
    """One line for each public module of MXNet 1.9.1."""
    from workbench import _surface

    listing = _surface._surface()
    short = {module: alias for alias, module in listing.aliases.items() if "." not in alias}
    lines = ["| module | names built | not yet |", "|---|---|---|"]
    for path in sorted(listing.modules):
        names = sorted(listing.modules[path] - left_out.names())
        if not path or path in listing.inner or not names:
            continue
        first, dot, rest = path.partition(".")
        module = importlib.import_module(f"workbench.{path}")
        lines.append(_row(f"mx.{short.get(first, first)}{dot}{rest}", *_split(module, names)))
    return [*lines, "", *left_out.table("names", left_out.NAMES)]


def classes_table() -> list[str]:
    """One line for each class that is built and has public members in MXNet 1.9.1."""
    import workbench as mx

    classes = json.loads(LISTING.read_text(encoding="utf-8"))["classes"]
    lines = ["| class | members built | not yet |", "|---|---|---|"]
    for path, members in classes.items():
        owner: object = mx
        for name in path.split("."):
            owner = getattr(owner, name, None)
        if inspect.isclass(owner) and members:
            lines.append(_row(path, *_split(owner, members.split())))
    return lines


def operators_table() -> list[str]:
    """The forward operators of MXNet 1.9.1 under their registered names."""
    from workbench.graph.control import CONTROL
    from workbench.ops import find

    names = json.loads(LISTING.read_text(encoding="utf-8"))["operators"].split()
    owned = {*CONTROL, "Custom"}  # made for each node, so not in the list of all
    built = {name for name in names if find(name) is not None or name in owned}
    of_numpy = [name for name in names if name.startswith(left_out.NUMPY)]
    out = left_out.reasons()
    missing = [name for name in names if name not in {*built, *of_numpy, *out}]
    own = len(names) - len(of_numpy)
    lines = [
        f"{len(built - set(of_numpy))} of {own} operators are built; not yet: "
        + (", ".join(f"`{name}`" for name in missing) or "none")
        + ".",
        "",
        f"{len(of_numpy)} more are those of `mx.np` and `mx.npx`, a later part, of which"
        f" {len(built.intersection(of_numpy))} are built; 1.9.1 shares many operators between both"
        " front ends, and those are among the first.",
        "",
    ]
    return lines + left_out.table("operators", left_out.LEFT_OUT)


TABLES: dict[str, Callable[[], list[str]]] = {
    "operators": operators_table,
    "names": names_table,
    "classes": classes_table,
    "golden cases": golden_cases.table,
    "unit tests": unit_tests.table,
}


def compat() -> str:
    """docs/compat.md with its generated parts renewed and the rest as it is."""
    text = COMPAT.read_text(encoding="utf-8")
    for name, make in TABLES.items():
        begin, end = BEGIN.format(name), END.format(name)
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            sys.exit(f"{COMPAT} lacks the lines {begin} and {end}")
        text = "\n".join([before + begin, "", *make(), "", end + after])
    return text


def bundles(check: bool) -> list[str]:
    """Build the JavaScript bundles; with *check*, name those that differ from the committed."""
    widgets = ROOT / "widgets"
    static = ROOT / "workbench" / "notebook" / "views" / "static"
    npm = shutil.which("npm")
    if not (widgets / "package.json").exists():
        return []
    if npm is None:
        print("!! npm is missing: the JavaScript bundles were left as they are")
        return []
    if not (widgets / "node_modules").exists():
        subprocess.run([npm, "ci", "--silent", "--no-audit"], cwd=widgets, check=True)
    before = {path.name: path.read_bytes() for path in static.glob("*.js")}
    subprocess.run([npm, "run", "--silent", "build"], cwd=widgets, check=True)
    after = {path.name: path.read_bytes() for path in static.glob("*.js")}
    changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    if check:
        for name in changed:
            (static / name).unlink(missing_ok=True)
            if name in before:
                (static / name).write_bytes(before[name])
    return [f"workbench/notebook/views/static/{name}" for name in changed]


def main(arguments: list[str]) -> int:
    """Write, or check, all generated files."""
    check = "--check" in arguments
    changed = []
    if "--only-bundles" not in arguments:
        for path, text in {COMPAT: compat(), **stubs()}.items():
            if path.exists() and text == path.read_text(encoding="utf-8"):
                continue
            changed.append(path.relative_to(ROOT).as_posix())
            if not check:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
    if "--no-bundles" not in arguments:
        changed += bundles(check)
    for name in changed:
        print(f"{name} is out of date: run `make generate`" if check else f"wrote {name}")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
