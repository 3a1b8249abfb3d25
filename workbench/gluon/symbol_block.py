"""SymbolBlock: a block from a graph, such as a model exported by MXNet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from .. import initializer, ndarray as nd
from ..error import ParameterError
from .hybrid import HybridBlock
from .nested import flatten
from .parameter import Parameter
from .parameter_dict import ParameterDict

__all__ = ["SymbolBlock"]


class SymbolBlock(HybridBlock):
    """A HybridBlock whose forward is a given graph.

    Parameters
    ----------
    outputs : Symbol or list of Symbol
    inputs : Symbol or list of Symbol
        variables of the graph that are its inputs; all others become parameters
    params : ParameterDict or dict, optional
        values or parameters for them
    """

    @staticmethod
    def imports(
        symbol_file: str,
        input_names: str | Sequence[str],
        param_file: str | None = None,
        ctx: Any = None,
    ) -> SymbolBlock:
        """The model that ``HybridBlock.export`` or ``save_checkpoint`` wrote.

        Raises ParameterError when an input name is not an argument of the graph, AssertionError
        with a table when the ``.params`` file does not fit.
        """
        from .. import symbol

        graph = symbol.load(symbol_file)
        names = [input_names] if isinstance(input_names, str) else list(input_names)
        arguments = graph.list_arguments()
        for one in names:
            if one not in arguments:
                raise ParameterError(
                    f"SymbolBlock.imports: {one!r} is not an argument of {symbol_file}; its "
                    f"arguments are {', '.join(arguments)}"
                )
        inputs = [symbol.var(one) for one in names]
        made = SymbolBlock(graph, inputs)
        if param_file is not None:
            made.load_parameters(param_file, ctx=ctx, cast_dtype=True, dtype_source="saved")
        return made

    def __init__(self, outputs: Any, inputs: Any, params: Any = None) -> None:
        super().__init__(prefix="", params=None)
        from .. import symbol

        self._prefix = ""
        self._params = ParameterDict("", params if isinstance(params, ParameterDict) else None)
        flat_in, self._in_format = flatten(
            [inputs] if isinstance(inputs, symbol.Symbol) else inputs
        )
        flat_out, out_format = flatten(outputs)
        joined = symbol.Group(flat_out) if len(flat_out) > 1 else flat_out[0]
        if len(joined.list_outputs()) > 1 and len(flat_out) == 1:
            out_format = (0,) * len(joined.list_outputs())
        names = {one.name for one in flat_in}
        self._input_names = [one.name for one in flat_in]
        auxiliary = set(joined.list_auxiliary_states())
        attributes = joined.attr_dict()
        for name in joined.list_inputs():
            if name not in names:
                self._make_parameter(name, name in auxiliary, attributes.get(name, {}))
        self._graph = (flat_in, joined, out_format)
        self._active = True
        if isinstance(params, dict):
            self.load_dict(params)

    def _make_parameter(self, name: str, is_aux: bool, attrs: dict[str, str]) -> None:
        assert attrs.get("__storage_type__", "0") in ("-1", "0"), (
            f"SymbolBlock doesn't support Parameter '{name}' because its storage type is not "
            "default"
        )
        options: dict[str, Any] = {"allow_deferred_init": True}
        if is_aux:
            options.update(grad_req="null", differentiable=False)
        if "__shape__" in attrs:
            from ..ops.params import Shape

            options["shape"] = Shape().convert(attrs["__shape__"])
        is_new = self.params._find(name) is None  # a shared parameter keeps its initializer
        if is_new and name.endswith(("_gamma", "_moving_var", "_running_var")):
            options["init"] = initializer.One()
        elif is_new and name.endswith(("_bias", "_beta", "_moving_mean", "_running_mean")):
            options["init"] = initializer.Zero()
        self._reg_params[name] = self.params.get(name, **options)

    def _drop_graph(self) -> None:
        self.__dict__["_cached_op"] = None

    def hybridize(self, active: bool = True, *args: Any, **kwargs: Any) -> None:
        """A SymbolBlock is always compiled."""
        self.__dict__["_cached_op"] = None

    def _collect_params_with_prefix(self, prefix: str = "") -> dict[str, Parameter]:
        """By what follows the part that all names begin with, as in MXNet."""
        lead = prefix + "." if prefix else ""
        common = len(os.path.commonprefix(list(self.params.keys())))  # noqa: RUF071 (letters)
        return {lead + name[common:]: one for name, one in self.params.items()}

    def forward(self, x: Any, *args: Any) -> Any:
        """Run the graph on arrays, or compose it with symbols."""

        flat, _ = flatten((x, *args))
        if isinstance(flat[0], nd.NDArray):
            for one in self.params.values():
                if one._data is None and one._deferred is None:
                    one._checked()
            return self._call_compiled(x, *args)
        assert self._graph is not None
        given = dict(zip(self._input_names, flat, strict=True))
        return self._graph[1](**given)

    def hybrid_forward(self, F: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Not used: the graph is given."""
        raise NotImplementedError("a SymbolBlock runs its graph")
