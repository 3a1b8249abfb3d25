"""Updates of many weights in one call; states are changed in place.

Inputs come weight by weight: weight, gradient, states, then those of the next weight; what
belongs to all stands last. Outputs are the new weights. Each is the update of one weight, called
for one after the other, with its own of the parameters that are tuples.
"""

import copy

from . import rules
from .optimizer import adam_update, sgd_mom_update, sgd_update
from .optimizer_decoupled import (
    _adamw_update,
    lamb_update_phase1,
    lamb_update_phase2,
    usable,
)
from .optimizer_mixed import (
    mp_adamw_update,
    mp_lamb_update_phase1,
    mp_sgd_mom_update,
    mp_sgd_update,
)
from .params import Floats, Int, Shape
from .registry import Op

#: parameters of many weights → of one
_EACH = {"lrs": "lr", "wds": "wd", "etas": "eta", "learning_rates": "lr", "step_count": "t"}
#: parameters of one weight that all weights do not share
_OWN = {*_EACH.values(), "lazy_update"}


def _groups(arrays, count, each, out):
    """For each weight its inputs, and where to write it."""
    outs = [None] * count if out is None else out
    return [(arrays[i * each : (i + 1) * each], outs[i]) for i in range(count)]


def _own(params, tuples, i):
    """The parameters of weight *i*."""
    return {
        **{n: v for n, v in params.items() if n not in tuples},
        **{_EACH[n]: params[n][i] for n in tuples},
    }


def _shape(each, number):
    """The inputs of a weight have one shape, which is that of its output."""

    def rule(p, ins):
        ins, outs = list(ins), []
        for i in range(p[number]):
            shape = None
            for one in ins[i * each : (i + 1) * each]:
                shape = rules.merge(shape, one)
            ins[i * each : (i + 1) * each] = [shape] * each
            outs.append(shape)
        return ins, outs

    return rule


def many(name, body, tuples, each, singles, *, after=(), number="num_weights", doc):
    """Register the update of that *name*.

    *tuples* are the parameters with one value for each weight, *each* is how many inputs belong
    to one weight, *singles* are the updates of one weight that are called, *after* the examples
    of inputs that stand last.
    """
    count = Int(min=1)
    count.default = 1
    params = {n: Shape() if n == "step_count" else Floats() for n in tuples}
    for single in singles:
        params |= {n: copy.copy(p) for n, p in single.params.items() if n not in _OWN}
    inputs = [singles[0].examples[0][n] for n in singles[0].inputs[:each]]
    return Op(
        name,
        body,
        ("args",),
        variadic=True,
        params={**params, number: count},
        uses=["out"],
        outputs=lambda p: p[number],
        infer=_shape(each, number),
        dtype=lambda p, ins, n: (ins, [ins[i * each] for i in range(n)]),
        mutates=["args"],
        examples=[
            {
                "args": [*inputs, *inputs, *after],
                **{n: (1, 2) if n == "step_count" else (0.1, 0.2) for n in tuples},
                number: 2,
            }
        ],
        like=singles,
        doc=doc,
    )


# ---- SGD ------------------------------------------------------------------------------------


def _each_by(single, each, tuples):
    def body(xp, *args, num_weights=1, out=None, **params):
        return tuple(
            single.body(xp, *arrays, out=one, **_own(params, tuples, i))
            for i, (arrays, one) in enumerate(_groups(args, num_weights, each, out))
        )

    return body


def _preloaded_by(single, each):
    def body(xp, *args, num_weights=1, out=None, **params):
        lrs, wds = args[-2:]
        return tuple(
            single.body(xp, *arrays, out=one, lr=float(lrs[i]), wd=float(wds[i]), **params)
            for i, (arrays, one) in enumerate(_groups(args, num_weights, each, out))
        )

    return body


for _single in (sgd_update, sgd_mom_update, mp_sgd_update, mp_sgd_mom_update):
    _each, _tuples = len(_single.inputs), ("lrs", "wds")
    many(
        f"multi_{_single.name}",
        _each_by(_single, _each, _tuples),
        _tuples,
        _each,
        [_single],
        doc=f"``{_single.name}`` of many weights, each with its own rate and decay.",
    )
    many(
        f"preloaded_multi_{_single.name}",
        _preloaded_by(_single, _each),
        (),
        _each,
        [_single],
        after=[([0.1, 0.2],), ([0.0, 0.01],)],
        doc=f"``{_single.name}`` of many weights; rates and decays are the last two inputs.",
    )


_each, _tuples = len(adam_update.inputs), ("lrs", "wds")
many(
    "_multi_adam_update",
    _each_by(adam_update, _each, _tuples),
    _tuples,
    _each,
    [adam_update],
    doc="``adam_update`` of many weights, each with its own rate and decay; not in MXNet 1.9.1.",
)


# ---- AdamW ----------------------------------------------------------------------------------

_ADAMW = ("lrs", "wds", "etas")


def _adamw_by(single, each):
    def body(xp, *args, num_weights=1, out=None, **params):
        made = []
        for i, (arrays, one) in enumerate(_groups(args, num_weights, each, out)):
            weight, grad, *rest = arrays
            own = _own(params, _ADAMW, i)
            # the update of one weight changes its gradient, this one does not
            grad = grad.copy() if usable(args[-1]) else grad
            made.append(single.body(xp, weight, grad, *rest, args[-1], out=one, **own))
        return tuple(made)

    return body


many(
    "_multi_adamw_update",
    _adamw_by(_adamw_update, 4),
    _ADAMW,
    4,
    [_adamw_update],
    after=[([0.5],)],
    doc="AdamW of many weights; the last input is *rescale_grad*, an array of one element.",
)
many(
    "_multi_mp_adamw_update",
    _adamw_by(mp_adamw_update, 5),
    _ADAMW,
    5,
    [mp_adamw_update],
    after=[([0.5],)],
    doc="AdamW of many weights with float32 copies; the last input is *rescale_grad*.",
)


# ---- LAMB -----------------------------------------------------------------------------------

_LAMB = ("learning_rates", "wds", "step_count")


def _norm(xp, x):
    return xp.sqrt((x * x).sum().reshape(1))


def _lamb(xp, *args, num_tensors=1, out=None, lower_bound, upper_bound, **params):
    """Both phases, by the float32 copy where there is one."""
    each, made = len(args) // num_tensors, []
    for i, ((weight, grad, mean, var, *master), one) in enumerate(
        _groups(args, num_tensors, each, out)
    ):
        own = _own(params, _LAMB, i)
        lr, wide = own.pop("lr"), master[0] if master else weight
        g = lamb_update_phase1.body(xp, wide, grad.astype(wide.dtype), mean, var, **own)
        target = wide if master else one
        new = lamb_update_phase2.body(
            xp,
            wide,
            g,
            _norm(xp, weight.astype(wide.dtype)),
            _norm(xp, g),
            lr=lr,
            lower_bound=lower_bound,
            upper_bound=upper_bound,
            out=target,
        )
        if master:
            new = new.astype(weight.dtype)
            if one is not None:
                one[...] = new
                new = one
        made.append(new)
    return tuple(made)


many(
    "_multi_lamb_update",
    _lamb,
    _LAMB,
    4,
    [lamb_update_phase1, lamb_update_phase2],
    number="num_tensors",
    doc="LAMB, both phases, of many weights.",
)
many(
    "_multi_mp_lamb_update",
    _lamb,
    _LAMB,
    5,
    [mp_lamb_update_phase1, lamb_update_phase2],
    number="num_tensors",
    doc="LAMB of many weights with float32 copies, which change too.",
)
