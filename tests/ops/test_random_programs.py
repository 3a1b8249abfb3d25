"""Programs of any operators on several devices give what sequential execution gives."""

from __future__ import annotations

import random

import numpy as np
import pytest
from op_examples import Call, every_example

import workbench as mx
from workbench import engine, nd
from workbench.ndarray.entry import function_of
from workbench.ops import all_ops

DEVICES = [mx.cpu(0), mx.cpu(1), mx.cpu(2)]
#: inputs of indices and the like keep the values of their example
EXAMPLES = [
    (op, example)
    for _, op, example in every_example(all_ops())
    if op.inputs and not op.mutates and not op.uses & {"rng", "train"}
]
PROGRAMS = 60


def run_program(seed: int, length: int = 60) -> list[np.ndarray]:
    """Random operators, each with its example's arrays or earlier results of their shapes."""
    choose = random.Random(seed)
    made: list[nd.NDArray] = []
    for number in range(length):
        op, example = EXAMPLES[(seed * length + number) % len(EXAMPLES)]
        call, device = Call(op, example, "float32"), choose.choice(DEVICES)
        arrays = []
        for one in call.inputs():
            if one is None:
                arrays.append(None)
                continue
            fitting = [a for a in made[-12:] if a.shape == one.shape and a.dtype == one.dtype]
            if one.dtype == np.float32 and fitting and op.elementwise:
                arrays.append(choose.choice(fitting).as_in_context(device))
            else:
                arrays.append(nd.array(one, ctx=device, dtype=one.dtype))
        given = {k: v for k, v in call.params.items() if k in op.params}
        results = function_of(op)(*arrays, **given)
        made += results if isinstance(results, list) else [results]
        if made[-1].shape and choose.random() < 0.3:  # a later write waits for those who still read
            made[-1][:] = 1
    return [one.asnumpy() for one in made]


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_a_program_of_any_operators_is_the_same_queued_and_sequential(seed):
    queued = run_program(seed)
    with engine.naive():
        sequential = run_program(seed)
    for one, other in zip(queued, sequential, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_programs_reach_every_example():
    assert len(EXAMPLES) > 500
    assert len(EXAMPLES) <= PROGRAMS * 60
