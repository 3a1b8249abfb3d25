"""The docstring and the stub of a front-end function, made from the operator's record.

The words for a parameter are the comment beside it in the body's source, so that they cannot
drift from the signature.
"""

from __future__ import annotations

import inspect
import re

from .registry import Op

_NO_EFFECT = "kept for MXNet's files, without effect"
#: parameters that mean the same wherever they occur; a comment beside one comes first
_COMMON = {
    "act_type": "which function",
    "alpha": "the result is multiplied by it",
    "axes": "the new order of the axes; reversed when left out",
    "axis": "the axis",
    "beta": "added to the root of the sum of squares",
    "beta1": "decay of the mean",
    "beta2": "decay of the mean of squares",
    "bias_correction": "correct the moments for their beginning at zero",
    "block_size": "side of a block",
    "clip_grad": "gradients are then clipped to [-it, it]; not when it is negative",
    "clip_gradient": "gradients are then clipped to [-it, it]; not when it is negative",
    "cudnn_off": _NO_EFFECT,
    "cudnn_tune": _NO_EFFECT,
    "dilate": "distance of a window's elements along each axis",
    "dim": "the axis",
    "dim1": "one of the axes to swap",
    "dim2": "the other",
    "dtype": "dtype of the result",
    "epsilon": "added to the denominator",
    "etas": "factor of the whole step of each weight",
    "grad_scale": "the gradient is multiplied by it",
    "heads": "how many heads there are",
    "is_int": _NO_EFFECT,
    "is_log": "give the logarithm",
    "kernel": "size of a window along each axis",
    "learning_rates": "learning rate of each weight",
    "layout": "order of the axes, such as NCHW; the usual one when left out",
    "lazy_update": "for sparse gradients: update only the rows that have one",
    "lower_bound": "least norm of the weight that counts; none when negative",
    "lr": "learning rate",
    "lrs": "learning rate of each weight",
    "max_calib_range": _NO_EFFECT,
    "min_calib_range": _NO_EFFECT,
    "mode": "which variant",
    "momentum": "share of the last step that is kept",
    "num_args": "how many inputs; counted when left out",
    "num_arrays": "how many arrays",
    "num_tensors": "how many weights are updated",
    "num_weights": "how many weights are updated",
    "output_size": "size of the image along each axis",
    "pad": "zeros added on both sides of each axis",
    "pool_type": "how a window becomes a number",
    "reps": "how often along each axis",
    "rescale_grad": "gradients are multiplied by it first",
    "ret_typ": "what is returned",
    "scalar": "the number",
    "shape": "shape of the result",
    "step_count": "how many updates of each weight there were, this one included",
    "stride": "step of the window along each axis",
    "t": "number of the update, from 1",
    "upper_bound": "largest norm of the weight that counts; none when negative",
    "use_ignore": "leave out the samples whose label is ignore_label",
    "wd": "weight decay",
    "wds": "weight decay of each weight",
    "workspace": _NO_EFFECT,
}
_COMMENT = re.compile(r"^\s*(\w+)\s*:.*?#\s*(.+)$")


def parameter_words(op: Op) -> dict[str, str]:
    """What each parameter means: the comment beside it in the source, else the usual words."""
    usual = {name: _COMMON[name] for name in op.params if name in _COMMON}
    for other in op.like:
        usual |= {n: text for n, text in parameter_words(other).items() if n in op.params}
    try:
        source = inspect.getsource(op.body)
    except (OSError, TypeError):
        return usual
    head = source.split('"""', 1)[0]
    found = (_COMMENT.match(line) for line in head.splitlines())
    beside = {match[1]: match[2].strip() for match in found if match and match[1] in op.params}
    return usual | beside


def docstring(op: Op, name: str) -> str:
    """A numpydoc docstring: what, parameters with types and defaults, result, MXNet name."""
    words = parameter_words(op)
    lines = [inspect.cleandoc(op.doc) or f"Operator {op.name}.", "", "Parameters", "----------"]
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


def stub(op: Op, name: str, array: str, *, method: bool = False) -> str:
    """The function of a type stub: typed parameters, the first line of the docs.

    Parameters
    ----------
    array : str
        the class of inputs and outputs, NDArray or Symbol; inputs of a Symbol may be left out
        and then become variables
    method : bool
        the first input is ``self``
    """
    parts = ["self"] if method else []
    if op.variadic:
        parts.append(f"*args: {array}")
    else:
        defaults = array == "Symbol"
        for one in op.inputs[1 if method else 0 :]:
            defaults = defaults or one in op.optional
            parts.append(f"{one}: {array}" + (" | None = ..." if defaults else ""))
    kinds = {one: param.annotation() for one, param in op.params.items()}
    parts += [f"{one}: {kinds.get(one, 'Any')} = ..." for one in op.keywords]
    if array == "Symbol":
        parts += ["name: str | None = ...", "attr: dict[str, str] | None = ..."]
    elif not method:
        parts.append(f"out: {array} | Sequence[{array}] | None = ...")
    lines = inspect.cleandoc(op.doc).splitlines() or [f"Operator {op.name}."]
    first = lines[0].replace("\\", "\\\\")
    if array == "Symbol" or op._visible == 1:
        result = array
    else:
        result = "Any" if callable(op._visible) else f"list[{array}]"
    head = f"def {name}({', '.join([*parts, '**kwargs: Any'])}) -> {result}:"
    return f'{head}\n    """{first}"""\n'
