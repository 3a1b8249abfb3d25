"""Draws by arrays of parameters, and draws in the shape of another array."""

import copy

from . import random_laws, rules
from .params import DType, Shape
from .registry import Op, get


def _optional_dtype():
    made = DType(optional=True)
    made.default = None
    return made


def _draws_each():
    made = Shape()
    made.default = ()
    return made


# ---- _sample_NAME: one distribution for each element of the parameters ----------------------


def _sample_shape(p, ins):
    shape = None
    for one in ins:
        shape = rules.merge(shape, one)
    return [shape] * len(ins), [None if shape is None else shape + tuple(p["shape"])]


def _sample_dtype(p, ins, n):
    given = next((one for one in ins if one is not None), None)
    kept = given if given in ("float16", "float64") else "float32"
    return [one or given for one in ins], [p["dtype"] or (kept if given else None)]


def _sample(law):
    def body(xp, *params, shape=(), dtype=None, rng):
        given = params[0].dtype.name
        kept = dtype or (given if given in ("float16", "float64") else "float32")
        each = rules.prod(shape)
        n = params[0].size * each
        wide = [xp.repeat(one.reshape(-1), each) for one in params]
        draws = law(rng, n, kept, *wide)
        return xp.asarray(draws).astype(kept, copy=False).reshape(params[0].shape + tuple(shape))

    return body


_PARAMETERS = {
    "uniform": {"low": ([0.0, 2.5],), "high": ([1.0, 3.7],)},
    "normal": {"mu": ([0.0, 2.5],), "sigma": ([1.0, 3.7],)},
    "gamma": {"alpha": ([0.5, 2.5],), "beta": ([1.0, 0.7],)},
    "exponential": {"lam": ([1.0, 8.5],)},
    "poisson": {"lam": ([1.0, 8.5],)},
    "negative_binomial": {"k": ([20.0, 49.0],), "p": ([0.4, 0.77],)},
    "generalized_negative_binomial": {"mu": ([2.0, 2.5],), "alpha": ([1.0, 0.1],)},
}
_WORDS = "One distribution for each element of the parameters, *shape* draws of each: {}"

for _name, _given in _PARAMETERS.items():
    _law = getattr(random_laws, _name)
    Op(
        f"_sample_{_name}",
        _sample(_law),
        tuple(_given),
        params={"shape": _draws_each(), "dtype": _optional_dtype()},
        uses=["rng"],
        aliases=[f"sample_{_name}"],
        infer=_sample_shape,
        dtype=_sample_dtype,
        zero_grad=True,
        examples=[{**_given, "shape": (3,)}, dict(_given)],
        doc=_WORDS.format(_law.__doc__),
    )


# ---- _random_NAME_like ----------------------------------------------------------------------


def _like(single):
    def body(xp, data, *, rng, **params):
        kept = data.dtype.name if data.dtype.kind == "f" else "float32"
        draws = single.body(xp, **params, shape=data.shape or (1,), dtype=kept, rng=rng)
        return draws.astype(data.dtype, copy=False).reshape(data.shape)

    return body


for _name in _PARAMETERS:
    _single = get(f"_random_{_name}")
    _own = {n: copy.copy(p) for n, p in _single.params.items() if n not in ("shape", "dtype")}
    Op(
        f"_random_{_name}_like",
        _like(_single),
        ("data",),
        params=_own,
        uses=["rng"],
        infer="same",
        zero_grad=True,
        examples=[{"data": (2, 3)}],
        like=[_single],
        doc=f"{_single.doc.strip()} In the shape and dtype of *data*.",
    )
