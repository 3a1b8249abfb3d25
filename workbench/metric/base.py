"""EvalMetric: sums over updates, and the names of its kinds."""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from .. import signals
from ..error import ParameterError, ShapeError, message, user_line
from ..ndarray.core import NDArray

__all__ = [
    "CompositeEvalMetric",
    "CustomMetric",
    "EvalMetric",
    "alias",
    "check_label_shapes",
    "create",
    "np",
    "register",
]

_REGISTRY: dict[str, Callable[..., Any]] = {}


def register(klass: type[EvalMetric]) -> type[EvalMetric]:
    """Class decorator: make a metric known by its lower-case name."""
    _REGISTRY[klass.__name__.lower()] = klass
    return klass


def alias(*names: str) -> Callable[[type[EvalMetric]], type[EvalMetric]]:
    """Class decorator: further names of a metric."""

    def add(klass: type[EvalMetric]) -> type[EvalMetric]:
        _REGISTRY.update({name.lower(): klass for name in names})
        return klass

    return add


def create(metric: Any, *args: Any, **kwargs: Any) -> EvalMetric:
    """A metric from a name, a function, a metric, or a list of these (a composite).

    Also from what :meth:`EvalMetric.get_config` gives, as a dict or as JSON.
    """
    if isinstance(metric, EvalMetric):
        return metric
    if isinstance(metric, str) and metric.startswith("{"):
        metric = json.loads(metric)
    if isinstance(metric, dict):
        config = dict(metric)
        return create(config.pop("metric"), **config)
    if isinstance(metric, list):
        composite = CompositeEvalMetric()
        for one in metric:
            composite.add(create(one, *args, **kwargs))
        return composite
    if callable(metric) and not isinstance(metric, type):
        return CustomMetric(metric, *args, **kwargs)
    if isinstance(metric, type):
        return metric(*args, **kwargs)
    found = _REGISTRY.get(str(metric).lower())
    if found is None:
        raise ParameterError(
            message(
                f"Cannot find metric {metric!r}",
                where=[f"there are {', '.join(sorted(_REGISTRY))}", user_line()],
                fix="Use one of these names, or give a function of labels and predictions.",
            )
        )
    return found(*args, **kwargs)


def check_label_shapes(
    labels: Any, preds: Any, wrap: bool = False, shape: bool = False
) -> tuple[Any, Any]:
    """Raise ShapeError when numbers (or, with *shape*, shapes) of labels and predictions differ.

    *wrap* puts a single array into a list.
    """
    one, other = (labels.shape, preds.shape) if shape else (len(labels), len(preds))
    if one != other:
        raise ShapeError(
            message(
                f"Shape of labels {one} does not match shape of predictions {other}",
                where=[user_line()],
                fix="Give one label array for each array of predictions, of the same first size.",
            )
        )
    if wrap:
        labels = [labels] if isinstance(labels, NDArray) else labels
        preds = [preds] if isinstance(preds, NDArray) else preds
    return labels, preds


def host(array: Any) -> numpy.ndarray:
    """The values as a NumPy array."""
    return array.asnumpy() if isinstance(array, NDArray) else numpy.asarray(array)


class EvalMetric:
    """Base of all metrics: a sum and a count; :meth:`get` is their quotient.

    Parameters
    ----------
    name : str
    output_names, label_names : list of str, optional
        what :meth:`update_dict` picks
    """

    def __init__(
        self,
        name: str,
        output_names: Sequence[str] | None = None,
        label_names: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.name = str(name)
        self.output_names, self.label_names = output_names, label_names
        self._kwargs = kwargs
        self.reset()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for method, kind in (("update", "update"), ("reset", "reset")):
            if method in cls.__dict__:
                setattr(cls, method, _announced(cls.__dict__[method], kind))

    def __str__(self) -> str:
        return f"EvalMetric: {dict(self.get_name_value())}"

    def get_config(self) -> dict[str, Any]:
        """What makes the same metric again."""
        return {
            **self._kwargs,
            "metric": type(self).__name__,
            "name": self.name,
            "output_names": self.output_names,
            "label_names": self.label_names,
        }

    def update_dict(self, label: dict[str, Any], pred: dict[str, Any]) -> None:
        """Update from arrays by name."""
        preds = [pred[n] for n in self.output_names] if self.output_names else list(pred.values())
        labels = [label[n] for n in self.label_names] if self.label_names else list(label.values())
        self.update(labels, preds)

    def update(self, labels: Any, preds: Any) -> None:
        """Take one batch into account."""
        raise NotImplementedError(f"{type(self).__name__} must define update(self, labels, preds)")

    def reset(self) -> None:
        """Start anew."""
        self.num_inst, self.sum_metric = 0, 0.0
        self.global_num_inst, self.global_sum_metric = 0, 0.0
        if signals.metric:
            signals.fire(signals.metric, self, "reset")

    def reset_local(self) -> None:
        """Start the local count anew; the global one goes on."""
        self.num_inst, self.sum_metric = 0, 0.0

    def _add(self, total: float, count: int) -> None:
        self.sum_metric += total
        self.global_sum_metric += total
        self.num_inst += count
        self.global_num_inst += count

    def get(self) -> tuple[Any, Any]:
        """Name and value; nan before the first update."""
        if self.num_inst == 0:
            return self.name, float("nan")
        return self.name, self._value(self.sum_metric, self.num_inst)

    def _value(self, total: float, count: int) -> float:
        return total / count

    def get_global(self) -> tuple[Any, Any]:
        """Name and value over everything since :meth:`reset`."""
        if self.global_num_inst == 0:
            return self.name, float("nan")
        return self.name, self._value(self.global_sum_metric, self.global_num_inst)

    def get_name_value(self) -> list[tuple[str, float]]:
        """Pairs of name and value."""
        return _pairs(*self.get())

    def get_global_name_value(self) -> list[tuple[str, float]]:
        """Pairs of name and global value."""
        return _pairs(*self.get_global())


def _pairs(name: Any, value: Any) -> list[tuple[str, float]]:
    names = name if isinstance(name, list) else [name]
    values = value if isinstance(value, list) else [value]
    return list(zip(names, values, strict=True))


def _announced(method: Callable[..., Any], kind: str) -> Callable[..., Any]:
    """The same method, telling who watches that the metric changed."""
    if getattr(method, "_announced", False):
        return method

    def announced(self: EvalMetric, *args: Any, **kwargs: Any) -> Any:
        made = method(self, *args, **kwargs)
        if signals.metric:
            signals.fire(signals.metric, self, kind)
        return made

    announced.__name__, announced.__doc__ = method.__name__, method.__doc__
    announced.__qualname__, announced.__module__ = method.__qualname__, method.__module__
    announced._announced = True  # type: ignore[attr-defined]
    return announced


@register
@alias("composite")
class CompositeEvalMetric(EvalMetric):
    """Several metrics updated together."""

    def __init__(
        self,
        metrics: Sequence[Any] | None = None,
        name: str = "composite",
        output_names: Any = None,
        label_names: Any = None,
    ) -> None:
        self.metrics = [create(one) for one in metrics or []]
        super().__init__(name, output_names=output_names, label_names=label_names)

    def add(self, metric: Any) -> None:
        """Add a metric."""
        self.metrics.append(create(metric))

    def get_metric(self, index: int) -> Any:
        """The metric at a place; ValueError (returned, as in MXNet) when there is none."""
        try:
            return self.metrics[index]
        except IndexError:
            return ValueError(f"Metric index {index} is out of range 0 and {len(self.metrics)}")

    def update(self, labels: Any, preds: Any) -> None:
        """Update all."""
        for one in self.metrics:
            one.update(labels, preds)

    def reset(self) -> None:
        """Reset all."""
        for one in self.metrics:
            one.reset()

    def reset_local(self) -> None:
        """Reset all local counts."""
        for one in self.metrics:
            one.reset_local()

    def get(self) -> tuple[list[str], list[Any]]:
        """Names and values of all."""
        return self._gather("get")

    def get_global(self) -> tuple[list[str], list[Any]]:
        """Names and global values of all."""
        return self._gather("get_global")

    def _gather(self, method: str) -> tuple[list[str], list[Any]]:
        names: list[str] = []
        values: list[Any] = []
        for one in self.metrics:
            for name, value in _pairs(*getattr(one, method)()):
                names.append(name)
                values.append(value)
        return names, values


@register
class CustomMetric(EvalMetric):
    """A metric from a function ``f(label, pred)`` of NumPy arrays.

    The function returns a value, or a pair (sum, count).
    """

    def __init__(
        self,
        feval: Callable[[Any, Any], Any],
        name: str | None = None,
        allow_extra_outputs: bool = False,
        output_names: Any = None,
        label_names: Any = None,
    ) -> None:
        if name is None:
            name = feval.__name__
            if "<" in name:
                name = f"custom({name})"
        self._feval, self._allow_extra_outputs = feval, allow_extra_outputs
        super().__init__(name, output_names, label_names)

    def update(self, labels: Any, preds: Any) -> None:
        """Call the function on each pair of label and prediction."""
        if not self._allow_extra_outputs:
            labels, preds = check_label_shapes(labels, preds, True)
        for pred, label in zip(preds, labels, strict=False):
            value = self._feval(host(label), host(pred))
            total, count = value if isinstance(value, tuple) else (value, 1)
            self._add(total, count)

    def get_config(self) -> dict[str, Any]:
        """A function cannot be described."""
        raise NotImplementedError("CustomMetric cannot be serialized")


def np(
    numpy_feval: Callable[[Any, Any], Any],
    name: str | None = None,
    allow_extra_outputs: bool = False,
) -> CustomMetric:
    """A metric from a function of NumPy arrays."""
    return CustomMetric(numpy_feval, name or numpy_feval.__name__, allow_extra_outputs)


def is_nan(value: Any) -> bool:
    """True for the value of a metric that was never updated."""
    return isinstance(value, float) and math.isnan(value)


Config = OrderedDict[str, Any]
