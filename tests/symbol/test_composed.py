"""Names that MXNet 1.9.1 gives when an operator is composed without inputs.

``mxnet_composed.json``: for each operator the attributes, and the names of the arguments, auxiliary
states and outputs, without the node's name in front.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import workbench as mx
from workbench.ops import find
from workbench.symbol.compose import find_function

COMPOSED = json.loads(Path(__file__).with_name("mxnet_composed.json").read_text())
#: inputs that are never left out have no names of their own here: those of variadic operators, of
#: operators on images, and the scale and shift of _contrib_quantized_rnn, called min and max there
UNNAMED = {"_contrib_quantized_rnn", "_cvcopyMakeBorder", "_cvimdecode", "_cvimresize"}
#: numbers of a dtype that is not built
NO_DTYPE = {"Cast", "amp_cast"}
BUILT = sorted(name for name in COMPOSED if find(name) is not None and name not in NO_DTYPE)


@pytest.mark.parametrize("name", BUILT)
def test_automatic_names_are_those_of_mxnet(name):
    attrs, arguments, states, outputs = COMPOSED[name]
    made = find_function(name)(**attrs, name="node")

    def without_node(names):
        return " ".join(one.removeprefix("node_") for one in names)

    assert without_node(made.list_outputs()) == outputs
    if not find(name).variadic and name not in UNNAMED:
        assert without_node(made.list_arguments()) == arguments
        assert without_node(made.list_auxiliary_states()) == states


def test_nearly_all_are_built():
    assert len(BUILT) > 360
    assert mx.sym.sort(mx.sym.var("x"), name="s").list_outputs() == ["s_output0"]
