"""ParameterDict: the parameters of a block by their full names."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import ItemsView, Iterator, KeysView, Sequence, ValuesView
from typing import Any

from .. import initializer, ndarray as nd
from ..context import Context
from ..dtypes import as_dtype
from .parameter import Constant, Parameter

__all__ = ["ParameterDict"]


class ParameterDict:
    """An ordered dict of Parameters whose names begin with a common prefix.

    Parameters
    ----------
    prefix : str
    shared : ParameterDict, optional
        parameters of these names are taken from there instead of being made
    """

    def __init__(self, prefix: str = "", shared: ParameterDict | None = None) -> None:
        self._prefix = prefix
        self._params: OrderedDict[str, Parameter] = OrderedDict()
        self._shared = shared

    def __repr__(self) -> str:
        name = self._prefix + " " if self._prefix else ""
        lines = "\n".join(f"  {value!r}" for value in self.values())
        return f"{name}(\n{lines}\n)"

    def __getitem__(self, key: str) -> Parameter:
        return self._params[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    def __contains__(self, key: str) -> bool:
        return key in self._params

    def items(self) -> ItemsView[str, Parameter]:
        """Pairs of full name and Parameter."""
        return self._params.items()

    def keys(self) -> KeysView[str]:
        """Full names."""
        return self._params.keys()

    def values(self) -> ValuesView[Parameter]:
        """Parameters."""
        return self._params.values()

    @property
    def prefix(self) -> str:
        """What the names begin with."""
        return self._prefix

    def _find(self, name: str) -> Parameter | None:
        if name in self._params:
            return self._params[name]
        if self._shared is not None and name in self._shared._params:
            self._params[name] = self._shared._params[name]
            return self._params[name]
        return None

    def get(self, name: str, **kwargs: Any) -> Parameter:
        """The parameter called prefix + *name*: the one there is, or a new one.

        Raises AssertionError when an existing one was made with other attributes.
        """
        full = self._prefix + name
        found = self._find(full)
        if found is None:
            found = self._params[full] = Parameter(full, **kwargs)
            return found
        for key, value in kwargs.items():
            self._reconcile(found, key, value)
        return found

    def _reconcile(self, parameter: Parameter, key: str, value: Any) -> None:
        existing = getattr(parameter, key, None)
        if existing is None:
            setattr(parameter, key, value)
            return
        if key == "shape" and value is not None:
            parameter.shape = (value,) if isinstance(value, int) else tuple(value)
            return
        if key == "dtype" and as_dtype(value) == as_dtype(existing):
            return
        assert value is None or value == existing, (
            f"Cannot retrieve Parameter '{parameter.name}' because desired attribute does not "
            f"match with stored for attribute '{key}': desired '{value}' vs stored '{existing}'."
        )

    def get_constant(self, name: str, value: Any = None) -> Constant:
        """The Constant called prefix + *name*: the one there is, or a new one."""
        full = self._prefix + name
        found = self._find(full)
        if found is None:
            if value is None:
                raise KeyError(f"No constant named '{full}'. Please specify value to create one.")
            found = self._params[full] = Constant(full, value)
        assert isinstance(found, Constant), (
            f"Parameter '{full}' already exists but it is not a constant."
        )
        return found

    def update(self, other: ParameterDict) -> None:
        """Take over all parameters of another dict."""
        for name, parameter in other.items():
            assert self._params.get(name, parameter) is parameter, (
                "Cannot update self with other because they have different Parameters with the "
                f"same name '{name}'"
            )
            self._params[name] = parameter

    def initialize(
        self,
        init: Any = None,
        ctx: Context | Sequence[Context] | None = None,
        verbose: bool = False,
        force_reinit: bool = False,
    ) -> None:
        """Initialize all parameters, in order; default is ``Uniform(0.07)``."""
        default = initializer.Uniform() if init is None else initializer.create(init)
        if verbose:
            default.set_verbosity(verbose=verbose)
        for parameter in self.values():
            parameter.initialize(None, ctx, default, force_reinit=force_reinit)

    def zero_grad(self) -> None:
        """Set all gradients to zero."""
        for parameter in self.values():
            parameter.zero_grad()

    def reset_ctx(self, ctx: Context | Sequence[Context]) -> None:
        """Move all parameters to other devices."""
        for parameter in self.values():
            parameter.reset_ctx(ctx)

    def list_ctx(self) -> list[Context]:
        """All devices that hold a parameter."""
        found: dict[Context, None] = {}
        for parameter in self.values():
            found.update(dict.fromkeys(parameter.list_ctx()))
        return list(found)

    def setattr(self, name: str, value: Any) -> None:
        """Set an attribute of all parameters: ``setattr("grad_req", "null")``."""
        for parameter in self.values():
            setattr(parameter, name, value)

    def save(self, filename: str, strip_prefix: str = "") -> None:
        """Write all values to a ``.params`` file under their full names."""
        arrays = {}
        for parameter in self.values():
            if not parameter.name.startswith(strip_prefix):
                raise ValueError(
                    f"Prefix '{strip_prefix}' is to be striped before saving, but Parameter's "
                    f"name '{parameter.name}' does not start with '{strip_prefix}'."
                )
            arrays[parameter.name[len(strip_prefix) :]] = parameter._reduce()
        nd.save(filename, arrays)

    def load(
        self,
        filename: str,
        ctx: Any = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
        restore_prefix: str = "",
        cast_dtype: bool = False,
        dtype_source: str = "current",
    ) -> None:
        """Read values from a ``.params`` file of full names."""
        from .save_load import check

        if restore_prefix:
            for name in self.keys():
                assert name.startswith(restore_prefix), (
                    f"restore_prefix is '{restore_prefix}' but Parameter name '{name}' does not "
                    "start with it"
                )
        loaded = nd.load(filename)
        if isinstance(loaded, list):
            raise ValueError(f"{filename} holds arrays without names; parameters need names")
        values = {
            restore_prefix + name.removeprefix("arg:").removeprefix("aux:"): array
            for name, array in loaded.items()
        }
        check(filename, dict(self.items()), values, allow_missing, ignore_extra, cast_dtype)
        for name, array in values.items():
            if name in self._params:
                self._params[name]._load_init(array, ctx, cast_dtype, dtype_source)
