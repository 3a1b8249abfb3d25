"""Docstrings of operators: made from the record, with words for everything a user can give."""

from __future__ import annotations

import pytest

import workbench as mx
from workbench.ops import all_ops, get
from workbench.ops.describe import docstring, parameter_words

#: operators that a namespace shows without this
ROOMS = ("_contrib_", "_image_", "_linalg_", "_random_", "_sparse_")
PUBLIC = [op for op in all_ops() if op.name.startswith(ROOMS) or not op.name.startswith("_")]


@pytest.mark.parametrize("op", PUBLIC, ids=lambda op: op.name)
def test_every_operator_and_parameter_is_explained(op):
    assert op.doc.strip()
    assert sorted(op.params.keys() - parameter_words(op).keys()) == []


def test_the_words_stand_under_the_parameter_with_type_and_default():
    text = docstring(next(op for op in PUBLIC if op.name == "FullyConnected"), "FullyConnected")
    assert "num_hidden : int >= 1, required\n    units in the output\n" in text
    assert "data : NDArray or Symbol\n" in text
    assert "bias : NDArray or Symbol, optional\n" in text
    assert "Also ``" in text


def test_the_comment_beside_a_parameter_comes_before_the_usual_words():
    words = parameter_words(next(op for op in PUBLIC if op.name == "sum"))
    assert words["axis"] == "axes to reduce; all of them without it"


def test_functions_carry_the_text():
    assert "num_hidden : int >= 1" in mx.nd.FullyConnected.__doc__
    assert "num_hidden : int >= 1" in mx.sym.FullyConnected.__doc__


def test_paragraphs_are_not_indented():
    assert "\nA row of rois" in docstring(get("_contrib_ROIAlign"), "ROIAlign")
