"""PythonModule: a module without parameters whose computation is Python."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from .. import ndarray as nd
from ..initializer import Uniform
from ..io import DataDesc
from .base_module import BaseModule
from .checks import require

__all__ = ["PythonLossModule", "PythonModule"]


class PythonModule(BaseModule):
    """Base of modules that have no parameters; subclasses define what is computed.

    Parameters
    ----------
    data_names, label_names, output_names : list of str
    logger : Logger
    """

    def __init__(
        self,
        data_names: Sequence[str],
        label_names: Sequence[str] | None,
        output_names: Sequence[str],
        logger: Any = logging,
    ) -> None:
        super().__init__(logger)
        self._data_names, self._output_names = list(data_names), list(output_names)
        self._label_names = None if label_names is None else list(label_names)
        self._data_shapes: Any = None
        self._label_shapes: Any = None
        self._output_shapes: Any = None

    @property
    def data_names(self) -> list[str]:
        """The names of the inputs."""
        return self._data_names

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs."""
        return self._output_names

    @property
    def data_shapes(self) -> Any:
        """Descriptions of the inputs."""
        return self._data_shapes

    @property
    def label_shapes(self) -> Any:
        """Descriptions of the labels."""
        return self._label_shapes

    @property
    def output_shapes(self) -> Any:
        """Names and shapes of the outputs."""
        return self._output_shapes

    def get_params(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """None, twice."""
        return {}, {}

    def init_params(
        self,
        initializer: Any = Uniform(0.01),  # noqa: B008
        arg_params: Any = None,
        aux_params: Any = None,
        allow_missing: bool = False,
        force_init: bool = False,
        allow_extra: bool = False,
    ) -> None:
        """There is nothing to initialize."""
        self.params_initialized = True

    def update(self) -> None:
        """There is nothing to change."""

    def update_metric(self, eval_metric: Any, labels: Any, pre_sliced: bool = False) -> None:
        """Let a metric see labels and outputs, where there are labels."""
        if self._label_shapes is not None:
            require(not pre_sliced, "PythonModule does not support presliced labels")
            eval_metric.update(labels, self.get_outputs())

    def bind(
        self,
        data_shapes: Any,
        label_shapes: Any = None,
        for_training: bool = True,
        inputs_need_grad: bool = False,
        force_rebind: bool = False,
        shared_module: Any = None,
        grad_req: Any = "write",
    ) -> None:
        """Note the shapes; *grad_req* must be ``"write"``."""
        if self.binded and not force_rebind:
            self.logger.warning("Already bound, ignoring bind()")
            return
        require(grad_req == "write", "Python module only support write gradient")
        self.for_training, self.inputs_need_grad = for_training, inputs_need_grad
        names = [one[0] for one in data_shapes]
        require(names == self._data_names, f"data_shapes must name {self._data_names}")
        if label_shapes is not None:
            names = [one[0] for one in label_shapes]
            require(names == self._label_names, f"label_shapes must name {self._label_names}")
        self._data_shapes, self._label_shapes = data_shapes, label_shapes
        self._output_shapes = self._compute_output_shapes()
        self.binded = True

    def _compute_output_shapes(self) -> Any:
        """Names and shapes of the outputs from ``_data_shapes``; subclasses define it."""
        raise NotImplementedError

    def init_optimizer(
        self,
        kvstore: Any = "local",
        optimizer: Any = "sgd",
        optimizer_params: Any = (("learning_rate", 0.01),),
        force_init: bool = False,
    ) -> None:
        """There is nothing to optimize."""
        self.optimizer_initialized = True

    def install_monitor(self, mon: Any) -> None:
        """There are no arrays to be seen."""


class PythonLossModule(PythonModule):
    """A loss at the end of a :class:`SequentialModule`: its output is its input.

    Parameters
    ----------
    name : str
        The output is called ``NAME_output``.
    data_names, label_names : list of str
    logger : Logger
    grad_func : callable
        ``(scores, labels) -> gradient`` of the scores, an NDArray or a NumPy array.
    """

    def __init__(
        self,
        name: str = "pyloss",
        data_names: Sequence[str] = ("data",),
        label_names: Sequence[str] = ("softmax_label",),
        logger: Any = logging,
        grad_func: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        super().__init__(data_names, label_names, [f"{name}_output"], logger)
        require(len(self._data_names) == len(label_names) == 1, "a loss has one input, one label")
        require(grad_func is None or callable(grad_func), "grad_func must be callable")
        self._name, self._grad_func = name, grad_func
        self._scores: Any = None
        self._labels: Any = None
        self._scores_grad: Any = None

    def _compute_output_shapes(self) -> Any:
        return [DataDesc(self._output_names[0], self._data_shapes[0][1])]

    def forward(self, data_batch: Any, is_train: bool | None = None) -> None:
        """Keep scores and labels."""
        self._scores = data_batch.data[0]
        if self.for_training if is_train is None else is_train:
            self._labels = data_batch.label[0]

    def get_outputs(self, merge_multi_context: bool = True) -> list[Any]:
        """The scores."""
        require(merge_multi_context, "a loss has one device")
        return [self._scores]

    def backward(self, out_grads: Any = None) -> None:
        """The gradient by ``grad_func``; it takes none from above."""
        require(out_grads is None, "For a loss module, out_grads should be None")
        require(self.for_training, "re-bind with for_training=True to run backward")
        self._backward_impl()

    def _backward_impl(self) -> None:
        """Set the gradient; subclasses may define it instead of giving ``grad_func``."""
        if self._grad_func is None:
            raise NotImplementedError(f"{type(self).__name__} needs a grad_func")
        made = self._grad_func(self._scores, self._labels)
        self._scores_grad = made if isinstance(made, nd.NDArray) else nd.array(made)

    def get_input_grads(self, merge_multi_context: bool = True) -> list[Any]:
        """The gradient of the scores."""
        require(merge_multi_context, "a loss has one device")
        return [self._scores_grad]
