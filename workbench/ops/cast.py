"""Copies, other dtypes, and the places where gradients stop."""

from .params import Bool, DType, Enum, Float
from .registry import op
from .storage import Storage


@op(aliases=["identity"], infer="same", views=True, storage="keeps", examples=[{"data": (3, 4)}])
def _copy(xp, data):
    """A copy of *data*."""
    return data


_copy.grad(data=lambda F, g: g)


@op("_CrossDeviceCopy", infer="same", views=True, examples=[{"data": (3, 4)}])
def cross_device_copy(xp, data):
    """A copy of *data*; in MXNet's graphs it stands where a value changes its device."""
    return data


cross_device_copy.grad(data=lambda F, g: g)


@op("_copyto", aliases=["_npi_copyto"], infer="same", examples=[{"data": (3, 4)}])
def copyto(xp, data, *, out=None):
    """A copy of *data*, in the dtype of *out* where one is given."""
    if out is None:
        return data.copy()
    out[...] = data
    return out


copyto.grad(data=lambda F, g: g)


@op(
    aliases=["_sparse_stop_gradient", "stop_gradient"],
    infer="same",
    storage="keeps",
    views=True,
    zero_grad=True,
    examples=[{"data": (3, 4)}],
)
def BlockGrad(xp, data):
    """A copy of *data* through which no gradient flows back."""
    return data


@op(
    aliases=["_sparse_cast_storage"],
    infer="same",
    views=True,
    storage="stype",
    examples=[{"data": (3, 4), "stype": "default"}],
)
def cast_storage(
    xp,
    data,
    *,
    stype: Enum("csr", "default", "row_sparse"),  # the storage of the result
):
    """A copy of *data* in another storage."""
    return data


cast_storage.grad(data=lambda F, g: g)


@op(
    "_contrib_gradientmultiplier",
    infer="same",
    storage="keeps",
    views=True,
    examples=[{"data": (3, 4), "scalar": -0.5}],
)
def gradientmultiplier(
    xp,
    data,
    *,
    scalar: Float = 1.0,  # the gradient is multiplied by it
    is_int: Bool = True,
):
    """A copy of *data* whose gradient is *scalar* times the usual one.

    Ganin and Lempitsky, Unsupervised domain adaptation by backpropagation, 2015 (negative there).
    """
    return data


gradientmultiplier.grad(data=lambda F, g, p: g * p["scalar"])


@op(
    aliases=["_npi_cast", "_npx_cast", "cast"],
    infer="same",
    dtype=lambda p, ins, n: (ins, [p["dtype"]]),
    examples=[{"data": (3, 4), "dtype": "float16"}, {"data": (3, 4), "dtype": "int32"}],
)
def Cast(xp, data, *, dtype: DType):
    """*data* in another dtype; floats lose their fraction and wrap round as in C."""
    if data.dtype.kind == "f" and dtype in ("int8", "uint8"):
        return data.astype("int64").astype(dtype)
    return data.astype(dtype)


Cast.grad(data=lambda F, g, data: F._cast_like(g, data))


@op("_cast_like", infer="like", dtype="second", examples=[{"data": (3, 4), "like": (2,)}])
def cast_like(xp, data, like):
    """*data* in the dtype of *like*."""
    return data.astype(like.dtype)


cast_like.grad(data=lambda F, g, data: F._cast_like(g, data))


@op(
    "_if_real",
    infer=lambda p, ins: (ins, ins[:1]),
    dtype=lambda p, ins, n: (ins, ins[:1]),
    views=True,
    examples=[{"data": (3, 4), "like": (3, 4)}],
)
def if_real(xp, data, like):
    """*data* itself where *like* is of floats, zeros where it is of integers."""
    return data if like.dtype.kind == "f" else xp.zeros_like(data)


if_real.grad(data=lambda F, g, like: F._if_real(g, like))


@op(
    "_identity_with_attr_like_rhs",
    dtype="first",
    storage=Storage(lambda p, stypes: stypes[1]),
    views=True,
    examples=[{"lhs": (3, 4), "rhs": (3, 4)}],
)
def identity_with_attr_like_rhs(xp, lhs, rhs):
    """A copy of *lhs*, which is known to have the shape of *rhs*."""
    return lhs


identity_with_attr_like_rhs.shape_rule = Cast.shape_rule
identity_with_attr_like_rhs.grad(lhs=lambda F, g: g)
