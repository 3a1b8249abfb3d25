"""Make ``_surface.json`` and ``mxnet_listing.json`` from a listing of MXNet 1.9.1's public names.

    python scripts/make_surface.py api.json

The listing is what ``dir()`` shows in the real MXNet 1.9.1, one entry a namespace, with the module
that defines each name. Left out are names that a module merely imports for its own use, and the
ctypes helpers of ``mxnet.base``, which mean nothing without the C library. MXNet 1.9.1 does not
change any more, so this was run once; it stays as the definition of what counts as public.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

TARGET = Path(__file__).parent.parent / "workbench" / "_surface.json"
LISTING = Path(__file__).parent / "mxnet_listing.json"

# These re-export names on purpose; elsewhere only names of the module itself or below it count.
FRONTS = {
    "mxnet",
    "mxnet.gluon.nn",
    "mxnet.kvstore",
    "mxnet.ndarray",
    "mxnet.numpy",
    "mxnet.numpy.linalg",
    "mxnet.numpy_extension",
    "mxnet.random",
    "mxnet.rnn",
    "mxnet.contrib.autograd",
}
PLUMBING = re.compile(
    r"c_|ctypes|check_call$|mx_float_p$|MXCallbackList$|get_last_ffi|c2pyerror$|with_metaclass$|_"
)
ALIASES = {
    "nd": "ndarray",
    "sym": "symbol",
    "np": "numpy",
    "npx": "numpy_extension",
    "kv": "kvstore",
    "init": "initializer",
    "viz": "visualization",
    "mod": "module",
    "mon": "monitor",
    "rnd": "random",
    "img": "image",
    "contrib.nd": "ndarray.contrib",
    "contrib.ndarray": "ndarray.contrib",
    "contrib.sym": "symbol.contrib",
    "contrib.symbol": "symbol.contrib",
    "contrib.quant": "contrib.quantization",
    "image.det": "image.detection",
}
# Stand-ins of mxnet.notebook.callback for packages that were missing where the listing was made.
NOT_PUBLIC = ("Pandas_Failed_To_Import", "pd")
# Modules that `import mxnet` brings along and the listing does not open.
OLD_MODULES = ("executor_manager", "ndarray_doc", "onnx", "symbol_doc", "th", "torch")
# Constants that are set at module level in MXNet for its own use.
NOT_CONSTANTS = {"cv2", "spsp", "ss", "stats", "pi", "SKLEARN_INSTALLED", "apache_repo_url"}


def surface(namespaces: dict) -> dict[str, set[str]]:
    """Module path (without ``mxnet.``) to its public names."""
    modules: dict[str, set[str]] = defaultdict(set)
    for listing in namespaces.values():
        module = listing["module"]
        short = module.partition(".")[2]
        modules[short].update(_constants(module, listing["constants"]))
        functions, classes = listing["functions"].items(), listing["classes"].items()
        origins = {name: about.get("from") or module for name, about in functions}
        origins.update({name: str(path).rpartition(".")[0] for name, path in classes})
        for name, origin in origins.items():
            if PLUMBING.match(name) or name in NOT_PUBLIC:
                continue
            if module in FRONTS or origin == module or origin.startswith(module + "."):
                modules[short].add(name)
            if origin.startswith(module + "."):
                modules[origin.partition(".")[2]].add(name)
    modules[""].update(OLD_MODULES)
    for short in [path for path in modules if path]:
        parent, _, name = short.rpartition(".")
        modules[parent].add(name)
    for alias in ALIASES:
        parent, _, name = alias.rpartition(".")
        modules[parent].add(name)
    return modules


def _constants(module: str, constants: object) -> set[str]:
    if module in ("mxnet.numpy", "mxnet.base", "mxnet.log"):
        return set(constants)
    if module == "mxnet.gluon":
        return {"tensor_types"}
    return {name for name in constants if name not in NOT_CONSTANTS and name.isupper()} - {""}


def members(classes: dict, modules: dict[str, set[str]]) -> dict[str, str]:
    """Public classes, by the shortest path that shows them, with their own public members."""
    shown: dict[str, str] = {}
    for path, about in classes.items():
        origin, _, name = path.removeprefix("mxnet.").rpartition(".")
        homes = [m for m, names in modules.items() if name in names and f"{origin}.".startswith(m)]
        if homes and name != "_":
            kinds = ("methods", "properties", "static")
            own = {member for kind in kinds for member in about.get(kind, {})}
            home = min(homes, key=len)
            shown[f"{home}.{name}".lstrip(".")] = " ".join(
                sorted(one for one in own if not one.startswith("_"))
            )
    return dict(sorted(shown.items()))


def main() -> None:
    """Write the files named by TARGET and LISTING from the listing named on the command line."""
    listing = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    namespaces = listing["namespaces"]
    modules = {path: " ".join(sorted(names)) for path, names in sorted(surface(namespaces).items())}
    # Files that a package of MXNet is made of; what they define is public in the package.
    public = {listing["module"].partition(".")[2] for listing in namespaces.values()}
    inner = [path for path in modules if path not in public and path != "notebook"]
    text = json.dumps({"modules": modules, "aliases": ALIASES, "inner": inner}, indent=1)
    TARGET.write_text(text + "\n", encoding="utf-8")
    classes = members(listing["classes"], surface(namespaces))
    operators = sorted(set(listing["ops"]) - set(listing["backward_ops"]))
    text = json.dumps({"classes": classes, "operators": " ".join(operators)}, indent=1)
    LISTING.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
