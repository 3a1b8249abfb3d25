"""Updates of float16 weights: each computes on a float32 copy, *weight32*, of the weight.

``mp_NAME`` is the update NAME on that copy, with the gradient and the states in its dtype.
"""

import copy

from . import rules
from .optimizer import nag_mom_update, sgd_mom_update, sgd_update, stored
from .optimizer_decoupled import _adamw_update, lamb_update_phase1, lamb_update_phase2
from .registry import Op


def _on_copy(single, at):
    """A body that runs *single* on the copy, which is input *at*."""

    def body(xp, weight, grad, *others, out=None, **params):
        weight32 = others[at - 2]
        rest = (*others[: at - 2], *others[at - 1 :])
        single.body(xp, weight32, grad.astype(weight32.dtype), *rest, out=weight32, **params)
        return stored(out, weight32.astype(weight.dtype))

    return body


def _direction(single):
    def body(xp, weight, grad, mean, var, weight32, *, out=None, **params):
        return single.body(xp, weight32, grad.astype(weight32.dtype), mean, var, out=out, **params)

    return body


def _rounded(single):
    def body(xp, weight, g, r1, r2, weight32, *, out=None, **params):
        new = single.body(xp, weight32, g, r1, r2, **params)
        return stored(out, new.astype(weight.dtype))

    return body


def _shape(single, at):
    """The rule of *single*, and the copy alike."""

    def rule(p, ins):
        weight = rules.merge(ins[0], ins[at])
        given, outs = single.shape_rule(p, [weight, *ins[1:at], *ins[at + 1 :]])
        return [*given[:at], given[0], *given[at:]], outs

    return rule


def mixed(single, name, body, *, at=None, mutates=(), dtype="first", doc):
    """Register the update of that *name*; the copy is input *at*, the last where not given."""
    at = len(single.inputs) if at is None else at
    states = [n for n in single.mutates if n != "grad"]
    return Op(
        name,
        body,
        (*single.inputs[:at], "weight32", *single.inputs[at:]),
        params={n: copy.copy(param) for n, param in single.params.items()},
        uses=["out"],
        infer=_shape(single, at),
        dtype=dtype,
        mutates=[*states, *mutates],
        examples=[{**example, "weight32": (3, 4)} for example in single.examples[:1]],
        like=[single],
        doc=doc,
    )


_COPY = "``{}`` of the copy *weight32*, which *weight* then follows."


def _followed(single, name, at=None):
    place = len(single.inputs) if at is None else at
    return mixed(
        single,
        name,
        _on_copy(single, place),
        at=place,
        mutates=["weight32"],
        doc=_COPY.format(single.name),
    )


mp_sgd_update = _followed(sgd_update, "mp_sgd_update")
mp_sgd_mom_update = _followed(sgd_mom_update, "mp_sgd_mom_update")
mp_nag_mom_update = _followed(nag_mom_update, "mp_nag_mom_update")
mp_adamw_update = _followed(_adamw_update, "_mp_adamw_update", at=4)
mp_lamb_update_phase1 = mixed(
    lamb_update_phase1,
    "mp_lamb_update_phase1",
    _direction(lamb_update_phase1),
    dtype=lambda p, ins, n: (ins, [ins[4]]),
    doc="``lamb_update_phase1`` of the copy *weight32*, in its dtype.",
)
mp_lamb_update_phase2 = mixed(
    lamb_update_phase2,
    "mp_lamb_update_phase2",
    _rounded(lamb_update_phase2),
    doc="""``lamb_update_phase2`` of the copy *weight32*, rounded to the weight's dtype.

    The copy itself stays as it is, as in MXNet 1.9.1.
    """,
)
