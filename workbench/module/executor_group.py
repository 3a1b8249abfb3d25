"""One executor for each device, each with its part of every batch."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from .. import ndarray as nd
from ..context import Context, cpu
from ..dtypes import FLAG_TO_NAME
from ..error import ParameterError, ShapeError, message, user_line
from ..io import DataDesc
from .checks import require

__all__ = ["DataParallelExecutorGroup"]


def split_batch(batch_size: int, work_load: Sequence[float]) -> list[slice]:
    """The part of a batch for each device, in proportion to its work load; the last takes the rest.

    Raises ParameterError when a device would get nothing.
    """
    total, slices, stop = sum(work_load), [], 0
    for number, load in enumerate(work_load):
        begin = min(stop, batch_size)
        stop = (
            batch_size if number == len(work_load) - 1 else begin + round(batch_size * load / total)
        )
        stop = min(stop, batch_size)
        if begin >= stop:
            raise ParameterError(
                message(
                    f"Too many slices. Some splits are empty: {batch_size} examples for "
                    f"{len(work_load)} devices",
                    where=[user_line()],
                    fix="Use larger batches, or fewer devices.",
                )
            )
        slices.append(slice(begin, stop))
    return slices


def part_of(array: Any, axis: int, part: slice) -> Any:
    """The rows of one device; all of an array without a batch axis."""
    if axis < 0 or (part.start == 0 and part.stop == array.shape[axis]):
        return array
    if axis == 0:
        return array[part.start : part.stop]
    return nd.slice_axis(array, axis=axis, begin=part.start, end=part.stop)


class DataParallelExecutorGroup:
    """Executors of one symbol on several devices.

    Parameters
    ----------
    symbol : Symbol
    contexts : list of Context
    workload : list of number
        How much of a batch each device gets, in proportion.
    data_shapes, label_shapes : list of DataDesc
    param_names : list of str
        Arguments that are parameters: their arrays are shared with *shared_group*.
    for_training, inputs_need_grad : bool
    shared_group : DataParallelExecutorGroup, optional
    logger : Logger
    fixed_param_names : list of str, optional
        Parameters that get no gradient.
    grad_req : str, list or dict
    state_names : list of str, optional
        Inputs that are neither data nor parameters, set by :meth:`set_states`.
    group2ctxs : dict or list of dict, optional
        Devices of the groups of the attribute ``ctx_group``, for each context.
    """

    def __init__(
        self,
        symbol: Any,
        contexts: Sequence[Context],
        workload: Sequence[float],
        data_shapes: Any,
        label_shapes: Any,
        param_names: Sequence[str],
        for_training: bool,
        inputs_need_grad: bool,
        shared_group: DataParallelExecutorGroup | None = None,
        logger: Any = logging,
        fixed_param_names: Sequence[str] | None = None,
        grad_req: Any = "write",
        state_names: Sequence[str] | None = None,
        group2ctxs: Any = None,
    ) -> None:
        self.symbol, self.contexts, self.workload = symbol, list(contexts), list(workload)
        self.arg_names, self.aux_names = symbol.list_arguments(), symbol.list_auxiliary_states()
        self.param_names, self.state_names = list(param_names), list(state_names or ())
        self.fixed_param_names = list(fixed_param_names or ())
        self.for_training, self.inputs_need_grad = for_training, inputs_need_grad
        self.logger = logger
        self.group2ctxs = _group2ctxs(group2ctxs, len(self.contexts))
        data = _descriptions(data_shapes) or []
        self.grad_req = self._requests(
            grad_req if for_training else "null", [one.name for one in data]
        )
        self.shared_data_arrays: list[dict[str, Any]] = (
            shared_group.shared_data_arrays if shared_group else [{} for _ in self.contexts]
        )
        self.output_names = symbol.list_outputs()
        self.output_layouts = [DataDesc.get_batch_axis(one.attr("__layout__")) for one in symbol]
        self.execs: list[Any] = []
        self._default_execs: list[Any] | None = None
        self._total_exec_bytes = 0
        self._bind(data, _descriptions(label_shapes), shared_group)

    def _requests(self, given: Any, data_names: Sequence[str]) -> dict[str, str]:
        """What becomes of the gradient of each argument."""
        if isinstance(given, (list, tuple)):
            require(len(given) == len(self.arg_names), "grad_req: one for each argument is needed")
            return dict(zip(self.arg_names, given, strict=True))
        if not isinstance(given, (str, Mapping)):
            raise ParameterError(message("grad_req must be one of str, list, tuple, or dict."))
        usual = given if isinstance(given, str) else "write"
        found = dict.fromkeys(self.arg_names, "null")
        for name in self.arg_names:
            trained = name in self.param_names and name not in self.fixed_param_names
            if trained or (self.inputs_need_grad and name in data_names):
                found[name] = usual
        return found if isinstance(given, str) else {**found, **given}

    # ---- binding ----------------------------------------------------------------------------

    def _bind(
        self,
        data: list[DataDesc],
        labels: list[DataDesc] | None,
        shared: DataParallelExecutorGroup | None = None,
    ) -> None:
        """Make the executors, or new ones over the same memory for other shapes."""
        self.data_shapes, self.label_shapes = data, labels
        self.data_layouts = [DataDesc.get_batch_axis(one.layout) for one in data]
        self.label_layouts = [DataDesc.get_batch_axis(one.layout) for one in labels or ()]
        self.batch_size = self._batch_size()
        self.slices = split_batch(self.batch_size, self.workload)
        made = []
        for number in range(len(self.contexts)):
            parts = self._shapes_of(number)
            if self._default_execs is None:
                made.append(self._executor(number, parts, shared))
            else:
                shapes = {one.name: one.shape for one in parts}
                made.append(self._default_execs[number].reshape(allow_up_sizing=True, **shapes))
        self.execs = made
        self._collect()

    def _batch_size(self) -> int:
        sizes = {
            one.name: one.shape[axis]
            for one, axis in zip(
                [*self.data_shapes, *(self.label_shapes or ())],
                [*self.data_layouts, *self.label_layouts],
                strict=True,
            )
            if axis >= 0
        }
        if len(set(sizes.values())) != 1:
            raise ShapeError(
                message(
                    "all data must have the same batch size",
                    where=[f"{name}: {size}" for name, size in sizes.items()],
                    fix="Give data and labels of as many examples, and layouts with an N.",
                )
            )
        return int(next(iter(sizes.values())))

    def _shapes_of(self, number: int) -> list[DataDesc]:
        """The inputs as device *number* gets them."""
        part = self.slices[number]
        found = []
        for one, axis in zip(
            [*self.data_shapes, *(self.label_shapes or ())],
            [*self.data_layouts, *self.label_layouts],
            strict=True,
        ):
            shape = list(one.shape)
            if axis >= 0:
                shape[axis] = part.stop - part.start
            found.append(DataDesc(one.name, tuple(shape), one.dtype, one.layout))
        return found

    def _executor(
        self, number: int, parts: list[DataDesc], shared: DataParallelExecutorGroup | None
    ) -> Any:
        types = {one.name: one.dtype for one in parts}
        declared = self.symbol.attr_dict()
        for one in self.data_shapes:
            flag = declared.get(one.name, {}).get("__dtype__", "-1")
            if flag != "-1":
                types[one.name] = FLAG_TO_NAME[int(flag)]
        executor = self.symbol.simple_bind(
            ctx=self.contexts[number],
            grad_req=self.grad_req,
            type_dict=types,
            shared_arg_names=self.param_names,
            shared_exec=None if shared is None else shared.execs[number],
            group2ctx=self.group2ctxs[number],
            shared_buffer=self.shared_data_arrays[number],
            **{one.name: one.shape for one in parts},
        )
        self._total_exec_bytes += sum(one.size * one._data.itemsize for one in executor.arg_arrays)
        return executor

    def _collect(self) -> None:
        """Arrays by name over all devices, for whoever updates them."""

        def columns(names: Sequence[str], arrays: str) -> list[list[Any]]:
            return [[getattr(one, arrays)[name] for one in self.execs] for name in names]

        ordered = [name for name in self.arg_names if name in self.param_names]
        self.param_arrays = columns(ordered, "arg_dict")
        self.grad_arrays = columns(ordered, "grad_dict") if self.for_training else None
        self.aux_arrays = columns(self.aux_names, "aux_dict")
        self.state_arrays = columns(self.state_names, "arg_dict")
        self.data_names = [one.name for one in self.data_shapes]
        self.label_names = [one.name for one in self.label_shapes or ()]
        inputs = [name for name in self.data_names if name in self.arg_names]
        self.input_grad_arrays = columns(inputs, "grad_dict") if self.inputs_need_grad else None

    def reshape(self, data_shapes: Any, label_shapes: Any) -> None:
        """Executors for other shapes over the same parameters."""
        data, labels = _descriptions(data_shapes) or [], _descriptions(label_shapes)
        if (data, labels) == (self.data_shapes, self.label_shapes):
            return
        if self._default_execs is None:
            self._default_execs = self.execs
        self._bind(data, labels)

    # ---- parameters -------------------------------------------------------------------------

    def set_params(self, arg_params: Any, aux_params: Any, allow_extra: bool = False) -> None:
        """Copy values to every device."""
        for one in self.execs:
            one.copy_params_from(arg_params, aux_params, allow_extra_params=allow_extra)

    def get_params(self, arg_params: Any, aux_params: Any) -> None:
        """Write the mean over the devices into the given arrays."""
        for names, columns, targets in (
            (self.param_names, self.param_arrays, arg_params),
            (self.aux_names, self.aux_arrays, aux_params),
        ):
            for name, column in zip(names, columns, strict=True):
                host = [one.as_in_context(cpu()) for one in column]
                mean = host[0] if len(host) == 1 else nd.add_n(*host) / len(host)
                mean.astype(targets[name].dtype).copyto(targets[name])

    # ---- running ----------------------------------------------------------------------------

    def forward(self, data_batch: Any, is_train: bool | None = None) -> None:
        """Give every device its part of a batch (or its own, of a list), and run."""
        self._load(data_batch, "data", self.data_names, self.data_layouts)
        if self.label_names:
            self._load(data_batch, "label", self.label_names, self.label_layouts)
        train = self.for_training if is_train is None else is_train
        for one in self.execs:
            one.forward(is_train=train)

    def _load(self, batch: Any, kind: str, names: Sequence[str], axes: Sequence[int]) -> None:
        lists = batch if isinstance(batch, list) else None
        if not getattr(lists[0] if lists else batch, kind):  # a batch without labels
            return
        for number, executor in enumerate(self.execs):
            arrays = getattr(lists[number] if lists else batch, kind)
            for name, array, axis in zip(names, arrays, axes, strict=False):
                if name in executor.arg_dict:
                    mine = array if lists else part_of(array, axis, self.slices[number])
                    executor.arg_dict[name][:] = mine

    def backward(self, out_grads: Any = None) -> None:
        """The backward of every device, of its part of *out_grads*."""
        require(self.for_training, "re-bind with for_training=True to run backward")
        given = [out_grads] if isinstance(out_grads, nd.NDArray) else list(out_grads or ())
        for number, executor in enumerate(self.execs):
            part, ctx = self.slices[number], self.contexts[number]
            mine = [
                part_of(one, axis, part).as_in_context(ctx)
                for one, axis in zip(given, self.output_layouts, strict=False)
            ]
            executor.backward(out_grads=mine or None)

    def get_output_shapes(self) -> list[tuple[str, tuple[int, ...]]]:
        """Names and shapes of the outputs of a whole batch."""
        found = []
        for name, one, axis in zip(
            self.output_names, self.execs[0].outputs, self.output_layouts, strict=True
        ):
            shape = list(one.shape)
            if axis >= 0:
                shape[axis] = self.batch_size
            found.append((name, tuple(shape)))
        return found

    def get_outputs(
        self, merge_multi_context: bool = True, begin: int = 0, end: int | None = None
    ) -> list[Any]:
        """The outputs, put together or as a list over devices each."""
        columns = [list(column) for column in zip(*(e.outputs for e in self.execs), strict=True)]
        columns = columns[begin:end]
        if not merge_multi_context:
            return columns
        return _merged(columns, self.output_layouts[begin:end])

    def get_input_grads(self, merge_multi_context: bool = True) -> list[Any]:
        """The gradients of the data."""
        require(self.inputs_need_grad, "bind with inputs_need_grad=True for gradients of inputs")
        columns = self.input_grad_arrays or []
        return _merged(columns, self.data_layouts) if merge_multi_context else columns

    def get_states(self, merge_multi_context: bool = True) -> list[Any]:
        """The arrays of the states, a list over devices each."""
        require(not merge_multi_context, "get_states needs merge_multi_context=False")
        return self.state_arrays

    def set_states(self, states: Any = None, value: Any = None) -> None:
        """Set the states from arrays (as :meth:`get_states` gives them) or to one number."""
        require((states is None) != (value is None), "give either states or value")
        for number, column in enumerate(self.state_arrays):
            for place, target in enumerate(column):
                if states is None:
                    target[:] = value
                else:
                    one = states[number]
                    target[:] = (
                        one[place]
                        if isinstance(one, (list, tuple))
                        else part_of(one, 0, self.slices[place])
                    )

    def update_metric(self, eval_metric: Any, labels: Any, pre_sliced: bool) -> None:
        """Let a metric see the labels and outputs of every device."""
        for number, executor in enumerate(self.execs):
            mine = (
                labels[number]
                if pre_sliced
                else [
                    part_of(one, axis, self.slices[number])
                    for one, axis in zip(labels, self.label_layouts, strict=False)
                ]
            )
            eval_metric.update_dict(
                dict(zip(self.label_names, mine, strict=False)),
                dict(zip(self.output_names, executor.outputs, strict=True)),
            )

    def install_monitor(self, mon: Any) -> None:
        """Let a Monitor see every executor."""
        for one in self.execs:
            mon.install(one)


def _descriptions(shapes: Any) -> list[DataDesc] | None:
    if shapes is None:
        return None
    return [one if isinstance(one, DataDesc) else DataDesc(*one) for one in shapes]


def _merged(columns: Sequence[Sequence[Any]], axes: Sequence[int]) -> list[Any]:
    """One array of the parts of all devices, on the first; the first where all are alike."""
    found = []
    for column, axis in zip(columns, axes, strict=True):
        if axis < 0 or len(column) == 1:
            found.append(column[0])
        else:
            home = column[0].context
            found.append(nd.concat(*[one.as_in_context(home) for one in column], dim=axis))
    return found


def _group2ctxs(given: Any, count: int) -> list[Any]:
    """Devices by group, for each context."""
    if given is None:
        return [None] * count
    if isinstance(given, Mapping):
        lists = {
            group: [one] * count
            if isinstance(one, Context)
            else list(one) * (count if len(one) == 1 else 1)
            for group, one in given.items()
        }
        given = [
            {group: some[i] for group, some in lists.items() if i < len(some)} for i in range(count)
        ]
    require(
        isinstance(given, list) and len(given) == count,
        f"group2ctxs must be a dict, or a list of {count} dicts, from group to context",
    )
    return list(given)
