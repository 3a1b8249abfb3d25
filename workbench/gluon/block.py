"""Block: a part of a network, made of parameters and other blocks.

What a block is (names, children, parameters, calling) lives here; saving in :mod:`.save_load`,
hooks in :mod:`.block_hooks`, tracing and compiling in :mod:`.hybrid`.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any

from .. import name as naming, signals
from .._surface import getattr_for
from ..context import Context
from . import save_load
from .block_hooks import HookHandle
from .parameter import Parameter
from .parameter_dict import ParameterDict

__all__ = ["Block"]

_ELSEWHERE = {
    "HybridBlock": "gluon.hybrid:HybridBlock",
    "SymbolBlock": "gluon.symbol_block:SymbolBlock",
}
__getattr__ = getattr_for(__name__, _ELSEWHERE)


class _BlockScope:
    """The prefix and counters of the block inside whose ``name_scope`` we are."""

    _current = threading.local()

    def __init__(self, block: Block) -> None:
        self._block = block
        self._counter: dict[str, int] = {}
        self._outer: list[Any] = []

    @classmethod
    def create(
        cls, prefix: str | None, params: ParameterDict | None, hint: str
    ) -> tuple[str, ParameterDict]:
        """Prefix and parameters of a new block."""
        current = getattr(cls._current, "value", None)
        if current is None:
            if prefix is None:
                prefix = naming.NameManager.current.get(None, hint) + "_"
            own = ParameterDict(prefix) if params is None else ParameterDict(params.prefix, params)
            return prefix, own
        if prefix is None:
            count = current._counter.get(hint, 0)
            current._counter[hint] = count + 1
            prefix = f"{hint}{count}_"
        if params is None:
            parent = current._block.params
            own = ParameterDict(parent.prefix + prefix, parent._shared)
        else:
            own = ParameterDict(params.prefix, params)
        return current._block.prefix + prefix, own

    def __enter__(self) -> _BlockScope:
        if not self._block._empty_prefix:
            scope = naming.Prefix(self._block.prefix)
            self._outer.append((getattr(self._current, "value", None), scope))
            self._current.value = self
            scope.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._block._empty_prefix:
            self._current.value, scope = self._outer.pop()
            scope.__exit__(kind, value, trace)


class Block:
    """Base of all layers and networks.

    Assigning a Block or a Parameter to an attribute registers it. Subclasses define
    ``forward(self, *args)``.

    Parameters
    ----------
    prefix : str, optional
        what the names of the parameters begin with; default is the class's name with a number
    params : ParameterDict, optional
        parameters to share with another block of the same kind
    """

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        self._empty_prefix = prefix == ""
        self._prefix, self._params = _BlockScope.create(prefix, params, self._alias())
        self._name = self._prefix.removesuffix("_")
        self._scope = _BlockScope(self)
        self._children: OrderedDict[str, Block] = OrderedDict()
        self._reg_params: dict[str, Parameter] = {}
        self._forward_hooks: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        self._forward_pre_hooks: OrderedDict[int, Callable[..., Any]] = OrderedDict()

    def _alias(self) -> str:
        return type(self).__name__.lower()

    def __repr__(self) -> str:
        lines = "\n".join(
            f"  ({key}): {_indent(repr(child), 2)}" for key, child in self._children.items()
        )
        return f"{type(self).__name__}(\n{lines}\n)"

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(self, name):
            existing = getattr(self, name)
            if isinstance(existing, (Parameter, Block)) and not isinstance(value, type(existing)):
                raise TypeError(
                    f"Changing attribute type for {name} from {type(existing)} to {type(value)} "
                    "is not allowed."
                )
        if isinstance(value, Block):
            self.register_child(value, name)
        elif isinstance(value, Parameter):
            existing_parameter = self._reg_params.get(name)
            assert existing_parameter is None or existing_parameter is value, (
                "Overriding Parameter attribute is not allowed. If you want to share parameters, "
                "pass the other block's params when this one is made."
            )
            self._reg_params[name] = value
        super().__setattr__(name, value)

    # ---- names ------------------------------------------------------------------------------

    @property
    def prefix(self) -> str:
        """What the names of this block's parameters begin with."""
        return self._prefix

    @property
    def name(self) -> str:
        """The prefix without its last underscore."""
        return self._name

    @property
    def params(self) -> ParameterDict:
        """The block's own parameters, without its children's."""
        return self._params

    def name_scope(self) -> _BlockScope:
        """A ``with`` block in which new blocks and parameters get this block's prefix."""
        return self._scope

    # ---- children and parameters ------------------------------------------------------------

    def register_child(self, block: Block, name: str | None = None) -> None:
        """Add a child; its parameters become part of this block's."""
        self._children[str(len(self._children)) if name is None else name] = block

    def collect_params(self, select: str | None = None) -> ParameterDict:
        """Own parameters, then the children's, depth first; *select* filters by ``re.match``.

        Warns of blocks in a list, tuple or dict of this one: they are no children.
        """
        self._warn_of_hidden_blocks()
        found = ParameterDict(self._params.prefix)
        if select is None:
            found.update(self.params)
        else:
            pattern = re.compile(select)
            for name, parameter in self.params.items():
                if pattern.match(name):
                    found._params[name] = parameter
        for child in self._children.values():
            found.update(child.collect_params(select))
        return found

    def _warn_of_hidden_blocks(self) -> None:
        children = set(map(id, self._children.values()))
        for name, value in self.__dict__.items():
            if name == "_children" or not isinstance(value, (list, tuple, dict)):
                continue
            if any(id(one) not in children for one in _blocks_in(value)):
                warnings.warn(
                    f'"{type(self).__name__}.{name}" is an unregistered container with Blocks. '
                    "Note that Blocks inside the list, tuple or dict will not be registered "
                    "automatically. Make sure to register them using register_child() or "
                    "switching to nn.Sequential/nn.HybridSequential instead.",
                    stacklevel=3,
                )

    def _collect_params_with_prefix(self, prefix: str = "") -> dict[str, Parameter]:
        """Parameters by structural names: ``"0.weight"``, ``"fc.bias"``."""
        lead = prefix + "." if prefix else ""
        found = {lead + key: value for key, value in self._reg_params.items()}
        for name, child in self._children.items():
            found.update(child._collect_params_with_prefix(lead + name))
        return found

    def initialize(
        self,
        init: Any = None,
        ctx: Context | Sequence[Context] | None = None,
        verbose: bool = False,
        force_reinit: bool = False,
    ) -> None:
        """Initialize all parameters; default is ``Uniform(0.07)`` on the current context."""
        self.collect_params().initialize(init, ctx, verbose, force_reinit)

    def apply(self, fn: Callable[[Block], Any]) -> Block:
        """Call *fn* on every descendant, then on this block."""
        for child in self._children.values():
            child.apply(fn)
        fn(self)
        return self

    def cast(self, dtype: Any) -> None:
        """Convert all parameters to another dtype."""
        for child in self._children.values():
            child.cast(dtype)
        for parameter in self.params.values():
            parameter.cast(dtype)

    def hybridize(self, active: bool = True, **kwargs: Any) -> None:
        """Compile the HybridBlocks among the children."""
        for child in self._children.values():
            child.hybridize(active, **kwargs)

    def zero_grad(self) -> None:
        """Set all gradients to zero."""
        self.collect_params().zero_grad()

    # ---- files ------------------------------------------------------------------------------

    def save_parameters(self, filename: str, deduplicate: bool = False) -> None:
        """Write all parameters by structural names (``"0.weight"``) to a ``.params`` file."""
        save_load.save_parameters(self, filename, deduplicate)

    def load_parameters(
        self,
        filename: str,
        ctx: Any = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
        cast_dtype: bool = False,
        dtype_source: str = "current",
    ) -> None:
        """Read parameters from a file of ``save_parameters`` or of full names.

        Raises AssertionError with a table (expected, found, nearest name, shapes) when names or
        shapes do not fit.
        """
        save_load.load_parameters(
            self, filename, ctx, allow_missing, ignore_extra, cast_dtype, dtype_source
        )

    def load_dict(
        self,
        param_dict: dict[str, Any],
        ctx: Any = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
        cast_dtype: bool = False,
        dtype_source: str = "current",
    ) -> None:
        """Take parameters from a dict of arrays by structural or full names."""
        save_load.load_dict(
            self, "the dict", param_dict, ctx, allow_missing, ignore_extra, cast_dtype, dtype_source
        )

    def save_params(self, filename: str) -> None:
        """Deprecated: write all parameters by full names, without this block's prefix."""
        warnings.warn(
            "save_params is deprecated. Please use save_parameters. Note that if you want load "
            "from SymbolBlock later, please use export instead.",
            stacklevel=2,
        )
        self.collect_params().save(filename, strip_prefix=self.prefix)

    def load_params(
        self,
        filename: str,
        ctx: Any = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
    ) -> None:
        """Deprecated: :meth:`load_parameters`."""
        warnings.warn("load_params is deprecated. Please use load_parameters.", stacklevel=2)
        self.load_parameters(filename, ctx, allow_missing, ignore_extra)

    # ---- calling ----------------------------------------------------------------------------

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call ``hook(block, inputs)`` before every forward."""
        return HookHandle(self._forward_pre_hooks, hook)

    def register_forward_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call ``hook(block, inputs, output)`` after every forward."""
        return HookHandle(self._forward_hooks, hook)

    def __call__(self, *args: Any) -> Any:
        if signals.block:
            return self._watched_call(args)
        if not self._forward_pre_hooks and not self._forward_hooks:
            return self.forward(*args)
        return self._hooked_call(args)

    def _hooked_call(self, args: tuple[Any, ...]) -> Any:
        for hook in list(self._forward_pre_hooks.values()):
            hook(self, args)
        out = self.forward(*args)
        for hook in list(self._forward_hooks.values()):
            hook(self, args, out)
        return out

    def _watched_call(self, args: tuple[Any, ...]) -> Any:
        signals.fire(signals.block, self, True)
        try:
            return self._hooked_call(args)
        finally:
            signals.fire(signals.block, self, False)

    def forward(self, *args: Any) -> Any:
        """Compute the output; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(self, *args)")

    def summary(self, *inputs: Any) -> None:
        """Print a table of the layers, their output shapes and parameter counts."""
        from .summary import print_summary

        print_summary(self, inputs)


def _indent(text: str, spaces: int) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *(" " * spaces + line for line in rest)])


def _blocks_in(value: Any) -> Iterator[Block]:
    """The blocks in nested lists, tuples and dicts."""
    if isinstance(value, Block):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _blocks_in(one)
