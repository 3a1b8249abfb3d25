"""Pickles of optimizer states: read without running code from the file, written for MXNet too.

MXNet keeps the states of Trainer and Module as pickles that name its own classes. Reading one
must not become a way to run a file: only the classes listed here are made, under their names in
MXNet or here; everything else raises DataFileError.
"""

from __future__ import annotations

import importlib
import io
import pickle
import pickletools
from typing import Any

from .error import DataFileError, message

__all__ = ["dumps", "loads"]

_PLAIN = {
    ("builtins", name)
    for name in ("dict", "list", "tuple", "set", "int", "float", "bool", "complex", "bytearray")
} | {
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
    ("_codecs", "encode"),
    ("copyreg", "_reconstructor"),
    ("builtins", "object"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy.core.numeric", "_frombuffer"),
}
#: modules of MXNet (or ours) whose public classes may be made, and where they are here
_ROOMS = {
    "optimizer": "workbench.optimizer",
    "optimizer.contrib": "workbench.optimizer.contrib",
    "lr_scheduler": "workbench.lr_scheduler",
}


def _blank_array(*_: Any) -> Any:
    """An NDArray without memory, to which ``__setstate__`` gives some."""
    from .ndarray.core import NDArray

    return NDArray.__new__(NDArray)


def _empty_numpy(*_: Any) -> Any:
    """A NumPy array of size 0, whatever size the file asks for; ``__setstate__`` brings its own."""
    import numpy as np

    return np.empty(0, np.uint8)


#: what makes an array before its state is read
_MAKERS = {
    ("numpy", "ndarray"): _empty_numpy,
    ("numpy.core.multiarray", "_reconstruct"): _empty_numpy,
    ("numpy._core.multiarray", "_reconstruct"): _empty_numpy,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """The class of that name if it is one of the known harmless ones."""
        if (module, name) in _MAKERS:
            return _MAKERS[module, name]
        if (module, name) in _PLAIN:
            module = module.replace("numpy.core", "numpy._core") if _new_numpy() else module
            return getattr(importlib.import_module(module), name)
        root, _, rest = module.partition(".")
        if root in ("mxnet", "workbench"):
            found = _ours(rest, name)
            if found is not None:
                return found
        raise DataFileError(
            message(
                f"the file asks for {module}.{name}, which is not part of optimizer states",
                fix="Only load states that Workbench or MXNet wrote.",
            )
        )


def _new_numpy() -> bool:
    import numpy as np

    return int(np.__version__.split(".")[0]) >= 2


def _ours(rest: str, name: str) -> Any:
    if rest == "ndarray.copies" and name == "rebuild":
        from .ndarray.copies import rebuild

        return rebuild
    if rest == "ndarray.sparse_array" and name == "rebuild":
        from .ndarray.sparse_array import rebuild as rebuild_sparse

        return rebuild_sparse
    if rest == "ndarray.sparse" and name in ("CSRNDArray", "RowSparseNDArray"):
        from .ndarray import sparse_array

        return getattr(sparse_array, name)
    if rest in ("ndarray.core", "ndarray.ndarray") and name in ("NDArray", "QueuedNDArray"):
        return _blank_array
    if rest == "context" and name == "Context":
        from .context import Context

        return Context
    room = _ROOMS.get(rest if rest in _ROOMS else rest.split(".")[0])
    if room is None or name.startswith("_"):
        return None
    found = getattr(importlib.import_module(room), name, None)
    return found if isinstance(found, type) else None


#: modules of MXNet that our classes are said to come from, by the beginning of their own
_MXNET = {
    "workbench.ndarray.sparse_array": "mxnet.ndarray.sparse",
    "workbench.ndarray": "mxnet.ndarray.ndarray",
    "workbench.optimizer.contrib": "mxnet.optimizer.contrib",
    "workbench.optimizer": "mxnet.optimizer.optimizer",
    "workbench": "mxnet",
}


_Extensible: Any = pickle._Pickler  # the one written in Python


class _Pickler(_Extensible):
    """Names classes as MXNet does, and gives arrays the state that they have there."""

    def reducer_override(self, obj: Any) -> Any:
        """Arrays as a blank one and ``{"handle": bytes of one array record}``."""
        from .ndarray.core import NDArray

        if isinstance(obj, NDArray):
            return type(obj), (None,), obj.__getstate__()
        return NotImplemented

    def save_global(self, obj: Any, name: str | None = None) -> None:
        """Write a class under the name that MXNet has for it."""
        module = str(obj.__module__)
        found = next((there for here, there in _MXNET.items() if module.startswith(here)), None)
        if found is None:
            super().save_global(obj, name)
            return
        rest = module.removeprefix("workbench") if found == "mxnet" else ""
        self.save(found + rest)
        self.save(obj.__qualname__)
        self.write(pickle.STACK_GLOBAL)
        self.memoize(obj)


def dumps(value: Any) -> bytes:
    """A pickle of optimizer states that MXNet 1.9.1 and :func:`loads` read."""
    buffer = io.BytesIO()
    _Pickler(buffer, 4).dump(value)
    return buffer.getvalue()


def _check_memo(data: bytes) -> None:
    """Refuse numbers of memo places beyond what the file can fill: a table that long is made."""
    for opcode, argument, _ in pickletools.genops(data):
        if "PUT" in opcode.name and int(argument or 0) > len(data):
            raise DataFileError(
                message(
                    f"the file has {len(data)} bytes and asks for memo place {argument}",
                    fix="The file is damaged; take another copy.",
                )
            )


def loads(data: bytes) -> Any:
    """The object that a pickle of optimizer states holds; DataFileError for anything else."""
    try:
        _check_memo(data)
        return _Unpickler(io.BytesIO(data)).load()
    except DataFileError:
        raise
    except Exception as error:
        raise DataFileError(
            message(
                f"these are no optimizer states: {type(error).__name__}: {error}",
                fix="Use a file that Trainer.save_states or Module.save_optimizer_states wrote.",
            )
        ) from error
