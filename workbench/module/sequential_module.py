"""SequentialModule: modules in a row, each fed with the outputs of the one before."""

from __future__ import annotations

import logging
from typing import Any

from ..error import ParameterError, message
from ..initializer import Uniform
from ..io import DataBatch, DataDesc
from .base_module import BaseModule
from .checks import require

__all__ = ["SequentialModule"]


class SequentialModule(BaseModule):
    """A chain of modules; made with :meth:`add`."""

    META_TAKE_LABELS = "take_labels"
    META_AUTO_WIRING = "auto_wiring"

    def __init__(self, logger: Any = logging) -> None:
        super().__init__(logger)
        self._modules: list[BaseModule] = []
        self._metas: list[dict[str, Any]] = []
        self._label_shapes: Any = None
        self._data_shapes: Any = None

    def add(self, module: BaseModule, **kwargs: Any) -> SequentialModule:
        """Append a module; returns the chain.

        Parameters
        ----------
        module : BaseModule
        take_labels : bool
            It gets the labels of the batch: usually the last one.
        auto_wiring : bool
            Name the outputs of the module before as this one's inputs.

        Raises
        ------
        ParameterError
            Another keyword.
        """
        known = (self.META_TAKE_LABELS, self.META_AUTO_WIRING)
        for key in kwargs:
            if key not in known:
                raise ParameterError(
                    message(f'Unknown meta "{key}", a typo?', where=[", ".join(known)])
                )
        self._modules.append(module)
        self._metas.append(kwargs)
        self.binded = self.params_initialized = self.optimizer_initialized = False
        return self

    def _takes_labels(self, number: int) -> bool:
        return bool(self._metas[number].get(self.META_TAKE_LABELS))

    @property
    def data_names(self) -> list[str]:
        """The inputs of the first module."""
        return self._modules[0].data_names if self._modules else []

    @property
    def output_names(self) -> list[str]:
        """The outputs of the last module."""
        return self._modules[-1].output_names if self._modules else []

    @property
    def data_shapes(self) -> Any:
        """Descriptions of the inputs of the first module."""
        self._need(params=False)
        return self._modules[0].data_shapes

    @property
    def label_shapes(self) -> Any:
        """Descriptions of the labels; None when no module takes them."""
        self._need(params=False)
        return self._label_shapes

    @property
    def output_shapes(self) -> Any:
        """Names and shapes of the outputs of the last module."""
        self._need(params=False)
        return self._modules[-1].output_shapes

    def get_params(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The parameters and auxiliary states of all modules."""
        self._need()
        arguments: dict[str, Any] = {}
        auxiliary: dict[str, Any] = {}
        for one in self._modules:
            some, others = one.get_params()
            arguments.update(some)
            auxiliary.update(others)
        return arguments, auxiliary

    def init_params(
        self,
        initializer: Any = Uniform(0.01),  # noqa: B008
        arg_params: Any = None,
        aux_params: Any = None,
        allow_missing: bool = False,
        force_init: bool = False,
        allow_extra: bool = False,
    ) -> None:
        """Initialize every module; ParameterError when two have a parameter of one name."""
        if self.params_initialized and not force_init:
            return
        self._need(params=False)
        owner: dict[str, int] = {}
        for number, one in enumerate(self._modules):
            one.init_params(
                initializer, arg_params, aux_params, allow_missing, force_init, allow_extra=True
            )
            for name in [name for some in one.get_params() for name in some]:
                if owner.setdefault(name, number) != number:
                    raise ParameterError(
                        message(
                            f"Duplicated parameter names: {name}",
                            where=[f"modules {owner[name]} and {number}"],
                            fix="Name the layers of different modules differently.",
                        )
                    )
        self.params_initialized = True

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
        """Bind the modules one after another, each for the outputs of the one before."""
        if self.binded and not force_rebind:
            self.logger.warning("Already bound, ignoring bind()")
            return
        require(for_training or not inputs_need_grad, "inputs_need_grad needs for_training")
        require(shared_module is None, "Shared module is not supported")
        require(self._modules, "Attempting to bind an empty SequentialModule", "Call add().")
        self.for_training, self.inputs_need_grad = for_training, inputs_need_grad
        shapes, takers = data_shapes, 0
        for number, one in enumerate(self._modules):
            labels = label_shapes if self._takes_labels(number) else None
            takers += self._takes_labels(number)
            if self._metas[number].get(self.META_AUTO_WIRING):
                pairs = zip(one.data_names, shapes, strict=True)
                shapes = [DataDesc(name, tuple(given[1])) for name, given in pairs]
            one.bind(
                shapes,
                labels,
                for_training,
                inputs_need_grad or (for_training and number > 0),
                force_rebind,
                grad_req=grad_req,
            )
            shapes = one.output_shapes
        self._label_shapes = label_shapes if takers else None
        self.binded = True

    def init_optimizer(
        self,
        kvstore: Any = "local",
        optimizer: Any = "sgd",
        optimizer_params: Any = (("learning_rate", 0.01),),
        force_init: bool = False,
    ) -> None:
        """Give every module an optimizer."""
        self._need()
        if self.optimizer_initialized and not force_init:
            self.logger.warning("optimizer already initialized, ignoring.")
            return
        for one in self._modules:
            one.init_optimizer(kvstore, optimizer, optimizer_params, force_init)
        self.optimizer_initialized = True

    def forward(self, data_batch: Any, is_train: bool | None = None) -> None:
        """Run the modules in order."""
        self._need()
        batch = DataBatch(data_batch.data, data_batch.label, data_batch.pad, data_batch.index)
        batch.provide_data = getattr(data_batch, "provide_data", None)
        batch.provide_label = getattr(data_batch, "provide_label", None)
        for number, one in enumerate(self._modules):
            one.forward(batch, is_train=is_train)
            if number + 1 == len(self._modules):
                break
            batch.data = one.get_outputs()
            if batch.provide_data:
                names = [name for name, _ in one.output_shapes]
                pairs = zip(names, batch.data, strict=True)
                batch.provide_data = [DataDesc(name, array.shape) for name, array in pairs]

    def backward(self, out_grads: Any = None) -> None:
        """Run the modules backward, each from the gradients of the next one's inputs."""
        self._need()
        for number in reversed(range(len(self._modules))):
            self._modules[number].backward(out_grads)
            if number:
                out_grads = self._modules[number].get_input_grads()

    def update(self) -> None:
        """Change the parameters of every module."""
        self._need(optimizer=True)
        for one in self._modules:
            one.update()

    def get_outputs(self, merge_multi_context: bool = True) -> list[Any]:
        """The outputs of the last module."""
        self._need()
        return self._modules[-1].get_outputs(merge_multi_context)

    def get_input_grads(self, merge_multi_context: bool = True) -> list[Any]:
        """The gradients of the inputs of the first module."""
        self._need()
        require(self.inputs_need_grad, "bind with inputs_need_grad=True for gradients of inputs")
        return self._modules[0].get_input_grads(merge_multi_context)

    def update_metric(self, eval_metric: Any, labels: Any, pre_sliced: bool = False) -> None:
        """Let a metric see labels and the outputs of the modules that take labels."""
        self._need()
        for number, one in enumerate(self._modules):
            if self._takes_labels(number):
                one.update_metric(eval_metric, labels, pre_sliced)

    def install_monitor(self, mon: Any) -> None:
        """Let a Monitor see the arrays of every module."""
        self._need(params=False)
        for one in self._modules:
            one.install_monitor(mon)
