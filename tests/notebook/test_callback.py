"""MXNet's notebook callbacks."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from workbench.notebook import callback


@pytest.mark.parametrize("make", [lambda: callback.PandasLogger(32), callback.LiveTimeSeries])
def test_a_missing_package_is_named(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setitem(sys.modules, "bokeh.io", None)
    with pytest.raises(ImportError, match=r"pip install (pandas|bokeh)"):
        make()


def test_arguments_of_several_callbacks_are_put_together():
    one = SimpleNamespace(callback_args=lambda: {"batch_end_callback": 1})
    two = SimpleNamespace(callback_args=lambda: {"batch_end_callback": 2, "epoch_end_callback": 3})
    together = callback.args_wrapper(one, two)
    assert together == {"batch_end_callback": [1, 2], "epoch_end_callback": [3]}
    assert type(together) is dict


def test_pandas_logger_keeps_three_tables():
    pytest.importorskip("pandas")
    logger = callback.PandasLogger(32, frequent=2)
    metric = SimpleNamespace(get_name_value=lambda: [("accuracy", 0.5)], reset=lambda: None)
    for nbatch in range(4):
        logger.train_cb(SimpleNamespace(nbatch=nbatch, epoch=0, eval_metric=metric))
    logger.eval_cb(SimpleNamespace(nbatch=0, epoch=0, eval_metric=None))
    logger.epoch_cb()
    assert len(logger.train_df) == 2
    assert logger.train_df["accuracy"].tolist() == [0.5, 0.5]
    assert len(logger.eval_df) == len(logger.epoch_df) == 1
