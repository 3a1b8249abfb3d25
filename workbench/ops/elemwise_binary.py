"""Element-wise operators of two arrays of one shape, and the rules of all families of two.

``x + y`` of Symbols is ``elemwise_add``; of NDArrays it is ``broadcast_add``. The formulas and
gradient rules here also serve :mod:`.broadcast` and :mod:`.scalar`.
"""

from ..error import OperatorError, message
from .families import REAL, binary
from .params import Int
from .registry import op
from .storage import Storage

# ---- formulas -------------------------------------------------------------------------------


def mod(xp, lhs, rhs):
    """The remainder with the sign of the divisor; 0 where the divisor is 0, as in MXNet."""
    return xp.where(rhs == 0, lhs * 0, xp.mod(lhs, rhs))


def mod_integers(xp, lhs, rhs):
    """:func:`mod`, without dividing an integer by zero."""
    return xp.where(rhs == 0, lhs * 0, xp.mod(lhs, xp.where(rhs == 0, rhs + 1, rhs)))


def divide_integers(xp, lhs, rhs):
    """The quotient cut towards zero, as C does; OperatorError where a divisor is zero."""
    if not (rhs != 0).all():
        raise OperatorError(
            message(
                "integer division by zero",
                fix="Convert to float first: x.astype('float32') gives inf and nan.",
            )
        )
    down = lhs // rhs
    return down + ((lhs % rhs != 0) & ((lhs < 0) != (rhs < 0))).astype(down.dtype)


def hypot(xp, lhs, rhs):
    """``sqrt(lhs² + rhs²)`` without overflow."""
    return xp.hypot(lhs, rhs)


# ---- gradient rules -------------------------------------------------------------------------

ADD = {"lhs": lambda F, g: g, "rhs": lambda F, g: g}
SUB = {"lhs": lambda F, g: g, "rhs": lambda F, g: -g}
MUL = {"lhs": lambda F, g, rhs: g * rhs, "rhs": lambda F, g, lhs: g * lhs}
DIV = {
    "lhs": lambda F, g, rhs: g / rhs,
    "rhs": lambda F, g, lhs, rhs: -g * lhs / (rhs * rhs),
}
#: none for integers, as in MXNet
MOD = {
    "lhs": lambda F, g, lhs: F._if_real(g, lhs),
    "rhs": lambda F, g, lhs, rhs: -g * F._floor_quotient(lhs, rhs),
}
POWER = {
    "lhs": lambda F, g, lhs, rhs: g * rhs * lhs ** (rhs - 1),
    "rhs": lambda F, g, lhs, out: g * out * F.log(lhs),
}
#: where both are equal the whole gradient goes to lhs, as in MXNet
MAXIMUM = {
    "lhs": lambda F, g, lhs, rhs: g * (lhs >= rhs),
    "rhs": lambda F, g, lhs, rhs: g * (lhs < rhs),
}
MINIMUM = {
    "lhs": lambda F, g, lhs, rhs: g * (lhs <= rhs),
    "rhs": lambda F, g, lhs, rhs: g * (lhs > rhs),
}
HYPOT = {
    "lhs": lambda F, g, lhs, out: g * lhs / out,
    "rhs": lambda F, g, rhs, out: g * rhs / out,
}

# ---- operators ------------------------------------------------------------------------------

binary(
    "elemwise_add",
    "add",
    aliases=["_Plus", "_add", "_plus", "_sparse_elemwise_add"],
    storage="same",
    doc="``lhs + rhs``, arrays of one shape.",
    **ADD,
)
binary(
    "elemwise_sub",
    "subtract",
    aliases=["_Minus", "_minus", "_sub", "_sparse_elemwise_sub"],
    storage="same",
    doc="``lhs - rhs``, arrays of one shape.",
    **SUB,
)
binary(
    "elemwise_mul",
    "multiply",
    aliases=["_Mul", "_mul", "_sparse_elemwise_mul"],
    storage="either",
    doc="``lhs * rhs``, arrays of one shape.",
    **MUL,
)
binary(
    "elemwise_div",
    lambda xp, lhs, rhs: lhs / rhs,
    integers=divide_integers,
    aliases=["_Div", "_div", "_sparse_elemwise_div"],
    doc="``lhs / rhs``, arrays of one shape; integers are cut towards zero.",
    examples=[{"lhs": (3, 4), "rhs": ("positive", (3, 4))}],
    **DIV,
)
binary(
    "_scatter_elemwise_div",
    lambda xp, lhs, rhs: lhs / rhs,
    integers=divide_integers,
    storage="rows of left",
    doc="``lhs / rhs``, arrays of one shape; of a sparse *lhs* only the stored values are divided.",
    examples=[{"lhs": (3, 4), "rhs": ("positive", (3, 4))}],
    **DIV,
)
binary(
    "_mod",
    mod,
    integers=mod_integers,
    aliases=["_Mod"],
    doc="``lhs mod rhs`` with the sign of *rhs*, arrays of one shape; 0 where *rhs* is 0.",
    examples=[{"lhs": (3, 4), "rhs": ("positive", (3, 4))}],
    **MOD,
)
binary(
    "_power",
    lambda xp, lhs, rhs: xp.power(lhs, rhs),
    integers=REAL,
    aliases=["_Power"],
    doc="``lhs ** rhs``, arrays of one shape.",
    examples=[{"lhs": ("positive", (3, 4)), "rhs": (3, 4)}],
    **POWER,
)
binary(
    "_maximum",
    "maximum",
    aliases=["_Maximum"],
    storage="same",
    doc="The larger of *lhs* and *rhs*, arrays of one shape.",
    **MAXIMUM,
)
binary(
    "_minimum",
    "minimum",
    aliases=["_Minimum"],
    storage="same",
    doc="The smaller of *lhs* and *rhs*, arrays of one shape.",
    **MINIMUM,
)
binary(
    "_hypot",
    hypot,
    integers=REAL,
    aliases=["_Hypot"],
    storage="same",
    doc="``sqrt(lhs² + rhs²)``, arrays of one shape.",
    **HYPOT,
)
binary("_grad_add", "add", storage="same", doc="``lhs + rhs``, where gradients meet.", **ADD)


@op(
    aliases=["ElementWiseSum", "_sparse_ElementWiseSum", "_sparse_add_n"],
    infer="same",
    storage=Storage(lambda p, s: "row_sparse" if set(s) == {"row_sparse"} else "default"),
    examples=[{"args": [(3, 4), (3, 4), (3, 4)]}],
)
def add_n(xp, *args, num_args: Int(min=1) = 1):
    """The sum of all inputs, arrays of one shape."""
    out = args[0] + args[1] if len(args) > 1 else args[0].copy()
    for one in args[2:]:
        out += one
    return out


add_n.grad(args=lambda F, g, args_shape: (g,) * len(args_shape))
