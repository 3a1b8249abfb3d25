"""Names that are no operator: the message names what is spelled most like them."""

from __future__ import annotations

import pytest

import workbench as mx
from workbench.error import NotYetInWorkbench, UnknownOperator
from workbench.ops import get


@pytest.mark.parametrize(
    ("space", "name", "nearest"),
    [
        (mx.nd, "relo", "relu"),
        (mx.nd, "fully_conected", "FullyConnected"),
        (mx.sym, "Convolutoin", "Convolution"),
        (mx.nd.random, "unifrom", "uniform"),
        (mx.sym.random, "unifrom", "uniform"),
        (mx.sym.linalg, "gem2", "gemm2"),
    ],
)
def test_an_unknown_operator_names_the_nearest(space, name, nearest):
    with pytest.raises(UnknownOperator, match=rf"no operator '{name}'(?s:.*)fix: .*{nearest}"):
        getattr(space, name)
    assert not hasattr(space, name)


def test_the_message_tells_the_users_line():
    with pytest.raises(UnknownOperator, match=r"where: .*test_names\.py:\d+ in test_the_message"):
        mx.nd.relo  # noqa: B018


def test_nothing_is_suggested_when_nothing_is_like_it():
    with pytest.raises(UnknownOperator) as caught:
        mx.nd.qqqqqqqq  # noqa: B018
    assert "fix:" not in str(caught.value)


def test_a_name_of_mxnet_is_not_called_unknown():
    with pytest.raises(NotYetInWorkbench, match=r"docs/compat\.md"):
        mx.nd.get_oshape_of_gather_nd_op  # noqa: B018


def test_names_of_python_are_ordinary_attribute_errors():
    with pytest.raises(AttributeError, match="__wrapped__") as caught:
        mx.nd.__wrapped__  # noqa: B018
    assert not isinstance(caught.value, UnknownOperator)


def test_get_names_the_nearest_too():
    with pytest.raises(UnknownOperator, match=r"unknown operator 'Convolutoin'(?s:.*)Convolution"):
        get("Convolutoin")


@pytest.mark.parametrize(
    ("space", "name"),
    [
        (mx.nd, "FullyConnected"),
        (mx.sym, "FullyConnected"),
        (mx.nd.linalg, "gemm2"),
        (mx.sym.contrib, "boolean_mask"),
        (mx.nd.sparse, "dot"),
    ],
)
def test_completion_offers_what_is_made_on_first_use(space, name):
    assert (name in dir(space)) == hasattr(space, name)
    assert not [one for one in dir(space) if not hasattr(space, one)]
