"""MXNet's notebook callbacks: pandas tables of a training run, and live charts.

Kept for code that uses them; ``%%mxtrain`` shows more and asks for nothing in the code. As in
MXNet 1.9.1, :class:`PandasLogger` needs pandas and the charts need bokeh, which are looked for when
an object is made.
"""

from __future__ import annotations

import datetime
import time
from collections import defaultdict
from typing import Any

__all__ = ["LiveBokehChart", "LiveLearningCurve", "LiveTimeSeries", "PandasLogger", "args_wrapper"]


def _needs(package: str, who: str) -> Any:
    """Import *package* for *who*; one sentence with the pip line where it is missing."""
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError as error:
        top = package.partition(".")[0]
        raise ImportError(f"{who} needs {top}: pip install {top}", name=top) from error


def _extend(base: list[Any], new: list[Any]) -> None:
    """Assuming *base* is shorter, copy the end of *new* onto it."""
    base.extend(new[len(base) :])


def _metrics(param: Any) -> dict[str, Any]:
    """Names and values of the metric in a callback's parameter, which is reset."""
    if param.eval_metric is None:
        return {}
    metrics = dict(param.eval_metric.get_name_value())
    param.eval_metric.reset()
    return metrics


class PandasLogger:
    """Keeps the metrics of a run in three pandas DataFrames: train, eval and epoch.

    Parameters
    ----------
    batch_size : samples in a batch.
    frequent : batches between two rows of the training table.
    """

    def __init__(self, batch_size: int, frequent: int = 50) -> None:
        pandas = _needs("pandas", "PandasLogger")
        self.batch_size = batch_size
        self.frequent = frequent
        self._dataframes = {name: pandas.DataFrame() for name in ("train", "eval", "epoch")}
        self.last_time = time.time()
        self.start_time = datetime.datetime.now()
        self.last_epoch_time = datetime.datetime.now()

    @property
    def train_df(self) -> Any:
        """Metrics of training batches, a row every *frequent* of them."""
        return self._dataframes["train"]

    @property
    def eval_df(self) -> Any:
        """Validation scores, a row at the end of each epoch."""
        return self._dataframes["eval"]

    @property
    def epoch_df(self) -> Any:
        """How long each epoch took."""
        return self._dataframes["epoch"]

    @property
    def all_dataframes(self) -> dict[str, Any]:
        """The three tables by name."""
        return self._dataframes

    def elapsed(self) -> datetime.timedelta:
        """Time since the start of training."""
        return datetime.datetime.now() - self.start_time

    def append_metrics(self, metrics: dict[str, Any], df_name: str) -> None:
        """Add a row to the table called *df_name*; new metrics become new columns."""
        dataframe = self._dataframes[df_name]
        for column in metrics.keys() - set(dataframe.columns):
            dataframe[column] = None
        dataframe.loc[len(dataframe)] = metrics

    def train_cb(self, param: Any) -> None:
        """Called after each training batch."""
        if param.nbatch % self.frequent == 0:
            self._process_batch(param, "train")

    def eval_cb(self, param: Any) -> None:
        """Called after validation."""
        self._process_batch(param, "eval")

    def _process_batch(self, param: Any, dataframe: str) -> None:
        now = time.time()
        metrics = _metrics(param)
        passed = now - self.last_time
        speed = self.frequent / passed if passed > 0 else float("inf")
        metrics["batches_per_sec"] = speed * self.batch_size
        metrics["records_per_sec"] = speed
        metrics["elapsed"] = self.elapsed()
        metrics["minibatch_count"] = param.nbatch
        metrics["epoch"] = param.epoch
        self.append_metrics(metrics, dataframe)
        self.last_time = now

    def epoch_cb(self) -> None:
        """Called after each epoch."""
        now = datetime.datetime.now()
        metrics = {"elapsed": self.elapsed(), "epoch_time": now - self.last_epoch_time}
        self.append_metrics(metrics, "epoch")
        self.last_epoch_time = now

    def callback_args(self) -> dict[str, Any]:
        """Keyword arguments for ``model.fit()`` that connect all callbacks."""
        return {
            "batch_end_callback": self.train_cb,
            "eval_end_callback": self.eval_cb,
            "epoch_end_callback": self.epoch_cb,
        }


class LiveBokehChart:
    """A bokeh chart that is updated while a run goes on; subclasses say what it shows.

    Parameters
    ----------
    pandas_logger : where the data comes from; None makes one.
    metric_name : what is drawn.
    display_freq : least seconds between two updates.
    batch_size, frequent : for the logger that is made.
    """

    def __init__(
        self,
        pandas_logger: PandasLogger | None,
        metric_name: str | None,
        display_freq: float = 10,
        batch_size: int | None = None,
        frequent: int = 50,
    ) -> None:
        self._bokeh_io = _needs("bokeh.io", type(self).__name__)
        self._bokeh = _needs("bokeh.plotting", type(self).__name__)
        self.pandas_logger = pandas_logger or PandasLogger(batch_size or 1, frequent)
        self.display_freq = display_freq
        self.last_update = time.time()
        self.metric_name = metric_name
        self._bokeh_io.output_notebook()
        self.handle = self.setup_chart()

    def setup_chart(self) -> Any:
        """Draw the chart and return its handle; a subclass says how."""
        raise TypeError(f"{type(self).__name__} does not say how its chart is set up")

    def update_chart_data(self) -> None:
        """Bring the chart's data up to date; a subclass says how."""
        raise TypeError(f"{type(self).__name__} does not say how its chart is updated")

    def interval_elapsed(self) -> bool:
        """Whether it is time for an update."""
        return time.time() - self.last_update > self.display_freq

    def _push_render(self) -> None:
        self._bokeh_io.push_notebook(handle=self.handle)
        self.last_update = time.time()

    def _do_update(self) -> None:
        self.update_chart_data()
        self._push_render()

    def batch_cb(self, param: Any) -> None:
        """Called after each batch."""
        if self.interval_elapsed():
            self._do_update()

    def eval_cb(self, param: Any) -> None:
        """Called after validation: always updates."""
        self._do_update()

    def callback_args(self) -> dict[str, Any]:
        """Keyword arguments for ``model.fit()`` that connect all callbacks."""
        return {"batch_end_callback": self.batch_cb, "eval_end_callback": self.eval_cb}


class LiveTimeSeries(LiveBokehChart):
    """A value over the time elapsed: ``chart.update_chart_data(value)``."""

    def __init__(self, **fig_params: Any) -> None:
        self._fig_params = fig_params
        super().__init__(None, None)

    def setup_chart(self) -> Any:
        """An empty line over elapsed time."""
        self.fig = self._bokeh.figure(
            x_axis_type="datetime", x_axis_label="Elapsed time", **self._fig_params
        )
        self.start_time = datetime.datetime.now()
        self.x_axis_val: list[Any] = []
        self.y_axis_val: list[Any] = []
        self.fig.line(self.x_axis_val, self.y_axis_val)
        return self._bokeh.show(self.fig, notebook_handle=True)

    def elapsed(self) -> datetime.timedelta:
        """Time since the chart was set up."""
        return datetime.datetime.now() - self.start_time

    def update_chart_data(self, value: Any = None) -> None:
        """Add *value* at the present time."""
        self.x_axis_val.append(self.elapsed())
        self.y_axis_val.append(value)
        self._push_render()


class LiveLearningCurve(LiveBokehChart):
    """Training and validation values of one metric over training time."""

    def __init__(self, metric_name: str, display_freq: float = 10, frequent: int = 50) -> None:
        self.frequent = frequent
        self.start_time = datetime.datetime.now()
        self._data: dict[str, dict[str, list[Any]]] = {
            "train": {"elapsed": []},
            "eval": {"elapsed": []},
        }
        super().__init__(None, metric_name, display_freq, frequent=frequent)

    def setup_chart(self) -> Any:
        """Training pale and dotted, validation green."""
        self.fig = self._bokeh.figure(x_axis_type="datetime", x_axis_label="Training time")
        self.x_axis_val1: list[Any] = []
        self.y_axis_val1: list[Any] = []
        style = {"line_dash": "dotted", "alpha": 0.3, "legend_label": "train"}
        self.train1 = self.fig.line(self.x_axis_val1, self.y_axis_val1, **style)
        self.x_axis_val2: list[Any] = []
        self.y_axis_val2: list[Any] = []
        style = {"line_color": "green", "line_width": 2, "legend_label": "validation"}
        self.valid1 = self.fig.line(self.x_axis_val2, self.y_axis_val2, **style)
        self.fig.legend.location = "bottom_right"
        self.fig.yaxis.axis_label = self.metric_name
        return self._bokeh.show(self.fig, notebook_handle=True)

    def batch_cb(self, param: Any) -> None:
        """Called after each batch."""
        if param.nbatch % self.frequent == 0:
            self._process_batch(param, "train")
        if self.interval_elapsed():
            self._do_update()

    def eval_cb(self, param: Any) -> None:
        """Called after validation: always updates."""
        self._process_batch(param, "eval")
        self._do_update()

    def _process_batch(self, param: Any, df_name: str) -> None:
        metrics = _metrics(param)
        metrics["elapsed"] = datetime.datetime.now() - self.start_time
        for key, value in metrics.items():
            self._data[df_name].setdefault(key, []).append(value)

    def update_chart_data(self) -> None:
        """Copy what is new into the lines."""
        name = str(self.metric_name)
        for part, xs, ys in (
            ("train", self.x_axis_val1, self.y_axis_val1),
            ("eval", self.x_axis_val2, self.y_axis_val2),
        ):
            data = self._data[part]
            if data["elapsed"]:
                _extend(xs, data["elapsed"])
                _extend(ys, data.get(name, []))


def args_wrapper(*args: Any) -> dict[str, list[Any]]:
    """Callback arguments for ``model.fit()`` of several callback objects together."""
    out: dict[str, list[Any]] = defaultdict(list)
    for callback in args:
        for key, value in callback.callback_args().items():
            out[key].append(value)
    return dict(out)
