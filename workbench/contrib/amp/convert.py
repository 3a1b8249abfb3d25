"""Trained models in mixed precision: casts are put into their graphs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ... import ndarray as nd
from ...context import Context, cpu
from ...error import message
from ...gluon import HybridBlock, SymbolBlock
from ...graph.ir import Graph, Node
from ...module import BucketingModule
from ...symbol import Symbol
from . import lists
from .lists import AmpError
from .reduce import LOW, Choice, reduce_precision

__all__ = ["convert_bucketing_module", "convert_hybrid_block", "convert_model", "convert_symbol"]

_FLAGS = {"float32": "0", "float16": "2"}


def choice_of(
    target_dtype: Any,
    target_dtype_ops: list[str] | None,
    fp32_ops: list[str] | None,
    conditional_fp32_ops: list[Any] | None,
    excluded_sym_names: list[str] | None,
) -> Choice:
    """The choice that these arguments of :func:`convert_symbol` make, checked."""
    if target_dtype != "float16":
        raise AmpError(
            message(
                f"Only target_dtype float16 is supported currently, got {target_dtype!r}",
                fix="Use 'float16'; there is no bfloat16 here.",
            )
        )
    given = [target_dtype_ops, fp32_ops, conditional_fp32_ops, excluded_sym_names]
    if any(one is not None and not isinstance(one, list) for one in given):
        raise AmpError(message("convert: operators and names must be given as lists"))
    conditional = conditional_fp32_ops
    low = lists.list_lp16_ops(target_dtype) if target_dtype_ops is None else target_dtype_ops
    wide = lists.list_fp32_ops(target_dtype) if fp32_ops is None else fp32_ops
    if conditional is None:
        conditional = lists.list_conditional_fp32_ops(target_dtype)
    _check_lists(target_dtype, low, wide, [one[0] for one in conditional])
    return Choice(
        low,
        wide,
        lists.list_widest_type_cast(target_dtype),
        conditional,
        excluded_sym_names or (),
        target_dtype,
    )


def _check_lists(dtype: Any, *chosen: list[str]) -> None:
    """Every operator in one list at most, and of those whose type may be chosen."""
    seen: set[str] = set()
    for names in chosen:
        both = seen & set(names)
        if both:
            raise AmpError(message(f"Ops cannot be in two or more lists: {', '.join(both)}"))
        seen |= set(names)
    free = {*lists.list_lp16_ops(dtype), *lists.list_fp32_ops(dtype)}
    free |= {*lists.list_lp16_fp32_ops(dtype)}
    free |= {one[0] for one in lists.list_conditional_fp32_ops(dtype)}
    if seen - free:
        raise AmpError(
            message(
                f"The type of {', '.join(sorted(seen - free))} cannot be chosen",
                fix="Take operators of list_lp16_ops, list_fp32_ops, list_lp16_fp32_ops or "
                "list_conditional_fp32_ops.",
            )
        )


def convert_symbol(
    sym: Symbol,
    target_dtype: str = "float16",
    target_dtype_ops: list[str] | None = None,
    fp32_ops: list[str] | None = None,
    conditional_fp32_ops: list[Any] | None = None,
    excluded_sym_names: list[str] | None = None,
    data_names: Iterable[str] | None = None,
    cast_optional_params: bool = False,
) -> Symbol:
    """A network of float32 with casts, so that part of it runs in float16.

    Parameters
    ----------
    sym : Symbol
        the network
    target_dtype : str
        ``"float16"``
    target_dtype_ops, fp32_ops : list of str, optional
        operators to run in float16 and in float32; MXNet's lists without them
    conditional_fp32_ops : list of (str, str, list of str), optional
        operators to run in float32 where a parameter has one of some values
    excluded_sym_names : list of str, optional
        nodes to run in float32
    data_names : list of str, optional
        inputs that are no parameters; without it those without a dtype of their own
    cast_optional_params : bool
        let parameters that only operators in float16 read be of float16 themselves; their
        ``__dtype__`` then says so

    Returns
    -------
    Symbol
        with the same arguments and outputs of float32

    Raises
    ------
    AssertionError
        *sym* is no Symbol, or the lists are not what they should be.
    """
    if not isinstance(sym, Symbol):
        raise AmpError(message("First argument to convert_symbol should be Symbol"))
    choice = choice_of(
        target_dtype, target_dtype_ops, fp32_ops, conditional_fp32_ops, excluded_sym_names
    )
    if data_names is None:
        known = sym.attr_dict()
        data = {one for one in sym.list_inputs() if "__dtype__" not in known.get(one, {})}
    else:
        data = set(data_names)
    params = set(sym.list_inputs()) - data
    graph = sym._graph
    short = _read_in_float16_only(graph, choice) & params if cast_optional_params else set()
    made = reduce_precision(graph, choice, short)
    for node in made.variables:
        if node.name in params:
            node.attrs["__dtype__"] = _FLAGS[target_dtype if node.name in short else "float32"]
    return Symbol(made.outputs)


def _read_in_float16_only(graph: Graph, choice: Choice) -> set[str]:
    """Variables that nothing but operators in the short type read."""
    low: set[Node] = set()
    other = {entry.node for entry in graph.outputs}
    for node in graph.nodes:
        if node.is_variable:
            continue
        states = {entry.node for entry in node.aux_inputs()}
        types, _ = (
            node.op.infer_dtype(node.params, [choice.dtype, *[None] * (len(node.inputs) - 1)])
            if choice.of(node) == LOW
            else ([], [])
        )
        for place, entry in enumerate(node.inputs):
            fits = place < len(types) and types[place] in (choice.dtype, None)
            (low if fits and entry.node not in states else other).add(entry.node)
    return {node.name for node in low - other if node.is_variable}


def _in_its_type(name: str, array: nd.NDArray, attributes: dict[str, dict[str, str]]) -> Any:
    flag = attributes.get(name, {}).get("__dtype__")
    return array.astype("float16") if flag == _FLAGS["float16"] else array


def convert_model(
    sym: Symbol,
    arg_params: dict[str, nd.NDArray],
    aux_params: dict[str, nd.NDArray],
    target_dtype: str = "float16",
    target_dtype_ops: list[str] | None = None,
    fp32_ops: list[str] | None = None,
    conditional_fp32_ops: list[Any] | None = None,
    excluded_sym_names: list[str] | None = None,
    cast_optional_params: bool = False,
) -> tuple[Symbol, dict[str, nd.NDArray], dict[str, nd.NDArray]]:
    """A model (network, parameters, auxiliary states) in mixed precision.

    Inputs that have no parameter are taken for data; for the others see :func:`convert_symbol`.
    """
    for what, one in (("Second", arg_params), ("Third", aux_params)):
        if not isinstance(one, dict):
            raise AmpError(
                message(f"{what} argument to convert_model should be a dict of name to ndarray")
            )
    if not isinstance(sym, Symbol):
        raise AmpError(message("First argument to convert_model should be Symbol"))
    made = convert_symbol(
        sym,
        target_dtype,
        target_dtype_ops,
        fp32_ops,
        conditional_fp32_ops,
        excluded_sym_names,
        set(sym.list_inputs()) - {*arg_params, *aux_params},
        cast_optional_params,
    )
    attributes = made.attr_dict()
    arguments = {n: _in_its_type(n, a, attributes) for n, a in arg_params.items()}
    states = {n: _in_its_type(n, a, attributes) for n, a in aux_params.items()}
    return made, arguments, states


def convert_hybrid_block(
    block: HybridBlock,
    target_dtype: str = "float16",
    target_dtype_ops: list[str] | None = None,
    fp32_ops: list[str] | None = None,
    conditional_fp32_ops: list[Any] | None = None,
    excluded_sym_names: list[str] | None = None,
    ctx: Context | None = None,
    cast_optional_params: bool = False,
) -> SymbolBlock:
    """A block that was hybridized and called once, as a SymbolBlock in mixed precision.

    Parameters are those of :func:`convert_symbol`; the new block lives on *ctx*.

    Raises
    ------
    RuntimeError
        The block has no graph yet.
    """
    if not isinstance(block, HybridBlock):
        raise AmpError(message("block input should be a HybridBlock"))
    if block._graph is None:
        raise RuntimeError(
            "Please first call block.hybridize() and then run forward with this block at least "
            "once before calling export."
        )
    inputs, graph, _ = block._graph
    values = {name: one._reduce() for name, one in block.collect_params().items()}
    made = convert_symbol(
        graph,
        target_dtype,
        target_dtype_ops,
        fp32_ops,
        conditional_fp32_ops,
        excluded_sym_names,
        [one.name for one in inputs],
        cast_optional_params,
    )
    attributes = made.attr_dict()
    known = set(made.list_inputs())
    arrays = {n: _in_its_type(n, a, attributes) for n, a in values.items() if n in known}
    converted = SymbolBlock(made, inputs)
    converted.load_dict(arrays, ctx=ctx or cpu(), cast_dtype=True, dtype_source="saved")
    return converted


def convert_bucketing_module(
    bucketing_mod: BucketingModule, target_dtype: str = "float16", **options: Any
) -> BucketingModule:
    """A BucketingModule in mixed precision; *options* as for :func:`convert_model`.

    Raises
    ------
    AssertionError
        It is none, or has no parameters yet.
    """
    if not isinstance(bucketing_mod, BucketingModule) or not bucketing_mod.params_initialized:
        raise AmpError(
            message(
                "convert_bucketing_module needs a BucketingModule with parameters",
                fix="Call bind and init_params, or fit, before.",
            )
        )
    arguments, states = bucketing_mod.get_params()
    symbols = {}
    for key, one in bucketing_mod._buckets.items():
        symbols[key], *values = convert_model(
            one._symbol, arguments, states, target_dtype, **options
        )
    return BucketingModule.load_dict(
        symbols,
        sym_gen=bucketing_mod._sym_gen,
        default_bucket_key=bucketing_mod._default_bucket_key,
        arg_params=values[0],
        aux_params=values[1],
    )
