"""``mx.init``: how parameters begin.

An initializer is called with a description (name and attributes) and an array to fill. Without
an ``__init__`` attribute the end of the name decides: ``_weight`` gets the initializer's own
values, ``_bias`` and ``_beta`` zeros, ``_gamma`` ones; other names are a ValueError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np

from . import ndarray as nd, random
from ._surface import getattr_for
from .error import MXNetError, ParameterError, ShapeError
from .ops.rnn_steps import gate_views, inputs_of

__all__ = [
    "Bilinear",
    "Constant",
    "FusedRNN",
    "InitDesc",
    "Initializer",
    "LSTMBias",
    "Load",
    "MSRAPrelu",
    "Mixed",
    "Normal",
    "One",
    "Orthogonal",
    "Uniform",
    "Xavier",
    "Zero",
    "create",
    "register",
]

__getattr__ = getattr_for(__name__)

C = TypeVar("C", bound=type)
_REGISTRY: dict[str, type] = {}


class InitDesc(str):
    """The name of an array to be filled, with its attributes and a fall-back initializer."""

    attrs: dict[str, str]
    global_init: Initializer | None

    def __new__(
        cls, name: str, attrs: dict[str, Any] | None = None, global_init: Any = None
    ) -> InitDesc:
        made = super().__new__(cls, name)
        made.attrs, made.global_init = attrs or {}, global_init
        return made


class Initializer:
    """Base of all initializers; subclasses define ``_init_weight(self, name, arr)``."""

    _endings: ClassVar[Sequence[tuple[tuple[str, ...], str]]] = (
        (("weight",), "_init_weight"),
        (("bias",), "_init_bias"),
        (("gamma",), "_init_gamma"),
        (("beta",), "_init_beta"),
        (("min",), "_init_zero"),
        (("max",), "_init_one"),
        (("weight_quantize",), "_leave"),
    )
    #: further endings that only plain strings know, as before there were InitDescs
    _old_endings: ClassVar[Sequence[tuple[tuple[str, ...], str]]] = (
        (("moving_mean", "moving_avg", "moving_inv_var"), "_init_zero"),
        (("moving_var",), "_init_one"),
    )

    def __init__(self, **kwargs: Any) -> None:
        self._kwargs = kwargs
        self._verbose = False
        self._print_func: Callable[[Any], str] = _norm_of

    def set_verbosity(
        self, verbose: bool = False, print_func: Callable[[Any], str] | None = None
    ) -> Initializer:
        """Print a statistic of each array that is filled."""
        self._verbose = verbose
        if print_func is not None:
            self._print_func = print_func
        return self

    def dumps(self) -> str:
        """JSON of name and arguments, as the ``__init__`` attribute holds them."""
        return json.dumps([type(self).__name__.lower(), self._kwargs])

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._kwargs == other._kwargs

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        words = ", ".join(f"{k}={v!r}" for k, v in self._kwargs.items())
        return f"{type(self).__name__}({words})"

    def __call__(self, desc: Any, arr: nd.NDArray) -> None:
        """Fill *arr*, which is called *desc*."""
        if not isinstance(desc, str):
            raise TypeError(f"desc must be an InitDesc or a name, got {type(desc).__name__}")
        own = ""
        if isinstance(desc, InitDesc):
            own = desc.attrs.get("__init__", "")
            if desc.global_init is None:
                desc.global_init = self
        if own:
            chosen = create(own)
            getattr(chosen, "_init_weight", chosen)(desc, arr)
        else:
            self._init_by_name(desc, arr)
        if self._verbose:
            print(f"Initialized {desc} as {own or type(self).__name__}: {self._print_func(arr)}")

    def _init_by_name(self, name: str, arr: nd.NDArray) -> None:
        old = () if isinstance(name, InitDesc) else self._old_endings
        for endings, method in (*self._endings, *old):
            if name.lower().endswith(endings):
                getattr(self, method)(name, arr)
                return
        self._init_default(name, arr)

    def _init_zero(self, name: str, arr: nd.NDArray) -> None:
        arr[:] = 0.0

    def _init_one(self, name: str, arr: nd.NDArray) -> None:
        arr[:] = 1.0

    def _leave(self, name: str, arr: nd.NDArray) -> None:
        """Quantized weights are made from others."""

    _init_bias = _init_beta = _init_zero
    _init_gamma = _init_one

    def _init_weight(self, name: str, arr: nd.NDArray) -> None:
        raise NotImplementedError(
            f"{type(self).__name__} must define _init_weight(self, name, arr)"
        )

    def _init_default(self, name: str, arr: nd.NDArray) -> None:
        raise ParameterError(
            f"Unknown initialization pattern for {name}. Default initialization is now limited to "
            '"weight", "bias", "gamma" (1.0), and "beta" (0.0). Please use '
            "mx.sym.Variable(init=mx.init.*) to set initialization pattern."
        )


def _norm_of(arr: nd.NDArray) -> str:
    values = arr.asnumpy()
    return str(float(np.sqrt((values**2).sum() / values.size)))


def register(klass: C) -> C:
    """Class decorator: make an initializer known by its lower-case name."""
    _REGISTRY[klass.__name__.lower()] = klass
    return klass


def create(init: Any, **kwargs: Any) -> Any:
    """An initializer from an object, a name (``"xavier"``), or JSON ``[name, arguments]``."""
    if callable(init) and not isinstance(init, type):
        return init
    if isinstance(init, type):
        return init(**kwargs)
    text = str(init)
    if text.startswith("["):
        text, kwargs = json.loads(text)
    found = _REGISTRY.get(text.lower())
    if found is None:
        raise MXNetError(
            f"Cannot find initializer {init!r}. There are: {', '.join(sorted(_REGISTRY))}"
        )
    return found(**kwargs)


def alias(*names: str) -> Callable[[type[Initializer]], type[Initializer]]:
    """Class decorator: further names of an initializer."""

    def add(klass: type[Initializer]) -> type[Initializer]:
        for name in names:
            _REGISTRY[name] = klass
        return register(klass)

    return add


@alias("zeros")
class Zero(Initializer):
    """All zeros."""

    def _init_weight(self, name: str, arr: nd.NDArray) -> None:
        arr[:] = 0


@alias("ones")
class One(Initializer):
    """All ones."""

    def _init_weight(self, name: str, arr: nd.NDArray) -> None:
        arr[:] = 1


@register
class Constant(Initializer):
    """All *value*."""

    def __init__(self, value: Any = 0.0) -> None:
        super().__init__(value=value.tolist() if hasattr(value, "tolist") else value)
        self.value = value

    def _init_weight(self, name: str, arr: nd.NDArray) -> None:
        arr[:] = self.value


@register
class Uniform(Initializer):
    """Weights from the uniform distribution over [-scale, scale)."""

    def __init__(self, scale: float = 0.07) -> None:
        super().__init__(scale=scale)
        self.scale = scale

    def _init_weight(self, name: str, arr: nd.NDArray) -> None:
        random.uniform(-self.scale, self.scale, out=arr)


@register
class Normal(Initializer):
    """Weights from the normal distribution with mean 0 and standard deviation *sigma*."""

    def __init__(self, sigma: float = 0.01) -> None:
        super().__init__(sigma=sigma)
        self.sigma = sigma

    def _init_weight(self, name: str, arr: nd.NDArray) -> None:
        random.normal(0, self.sigma, out=arr)


@register
class Orthogonal(Initializer):
    """Weights with orthogonal rows (Saxe et al., arXiv:1312.6120), times *scale*."""

    def __init__(self, scale: float = 1.414, rand_type: str = "uniform") -> None:
        super().__init__(scale=scale, rand_type=rand_type)
        self.scale, self.rand_type = scale, rand_type

    def _init_weight(self, name: str, arr: nd.NDArray) -> None:
        rows, columns = arr.shape[0], int(np.prod(arr.shape[1:]))
        if self.rand_type == "uniform":
            start = random.uniform(-1.0, 1.0, shape=(rows, columns)).asnumpy()
        else:
            start = random.normal(0.0, 1.0, shape=(rows, columns)).asnumpy()
        u, _, v = np.linalg.svd(start, full_matrices=False)
        arr[:] = (self.scale * (u if u.shape == start.shape else v)).reshape(arr.shape)


@register
class Xavier(Initializer):
    """Weights scaled by the fans (Glorot and Bengio, AISTATS 2010).

    The scale is ``sqrt(magnitude / factor)`` with factor the mean of both fans (``"avg"``), the
    inputs (``"in"``) or the outputs (``"out"``); *rnd_type* is ``"uniform"`` or ``"gaussian"``.
    """

    def __init__(
        self, rnd_type: str = "uniform", factor_type: str = "avg", magnitude: float = 3
    ) -> None:
        super().__init__(rnd_type=rnd_type, factor_type=factor_type, magnitude=magnitude)
        self.rnd_type, self.factor_type, self.magnitude = rnd_type, factor_type, float(magnitude)

    def _init_weight(self, name: str, arr: nd.NDArray) -> None:
        shape = arr.shape
        if len(shape) < 2:
            raise ParameterError(
                f"Xavier initializer cannot be applied to vector {name}. It requires at least 2D."
            )
        receptive = float(np.prod(shape[2:])) if len(shape) > 2 else 1.0
        fan_in, fan_out = shape[1] * receptive, shape[0] * receptive
        factors = {"avg": (fan_in + fan_out) / 2.0, "in": fan_in, "out": fan_out}
        if self.factor_type not in factors:
            raise ParameterError("Incorrect factor type: use 'avg', 'in' or 'out'")
        scale = float(np.sqrt(self.magnitude / factors[self.factor_type]))
        if self.rnd_type == "uniform":
            random.uniform(-scale, scale, out=arr)
        elif self.rnd_type == "gaussian":
            random.normal(0, scale, out=arr)
        else:
            raise ParameterError("Unknown random type: use 'uniform' or 'gaussian'")


@register
class MSRAPrelu(Xavier):
    """Xavier for layers followed by PReLU of slope *slope* (He et al., arXiv:1502.01852)."""

    def __init__(self, factor_type: str = "avg", slope: float = 0.25) -> None:
        super().__init__("gaussian", factor_type, 2.0 / (1 + slope**2))
        self._kwargs = {"factor_type": factor_type, "slope": slope}


@register
class Bilinear(Initializer):
    """Weights of a bilinear up-sampling."""

    def _init_weight(self, name: str, arr: nd.NDArray) -> None:
        height, width = arr.shape[2], arr.shape[3]
        f = np.ceil(width / 2.0)
        c = (2 * f - 1 - f % 2) / (2.0 * f)
        x, y = np.arange(width), np.arange(height)
        kernel = np.outer(1 - np.abs(y / f - c), 1 - np.abs(x / f - c))
        arr[:] = np.broadcast_to(kernel, arr.shape).astype("float32")


@register
class LSTMBias(Initializer):
    """Zeros, but *forget_bias* for the forget gate (the second quarter)."""

    def __init__(self, forget_bias: float = 1.0) -> None:
        super().__init__(forget_bias=forget_bias)
        self.forget_bias = forget_bias

    def _init_weight(self, name: str, arr: nd.NDArray) -> None:
        arr[:] = 0.0
        hidden = arr.shape[0] // 4
        arr[hidden : 2 * hidden] = self.forget_bias


@register
class FusedRNN(Initializer):
    """Parts of the vector of parameters of the operator ``RNN``, gate by gate.

    Parameters
    ----------
    init : Initializer, str or None
        for the gates' weights and biases; None for the initializer of the whole network
    num_hidden, num_layers, mode, bidirectional
        those of the ``FusedRNNCell``
    forget_bias : float
        for each of the two biases of an LSTM's forget gates
    """

    def __init__(
        self,
        init: Any,
        num_hidden: int,
        num_layers: int,
        mode: str,
        bidirectional: bool = False,
        forget_bias: float = 1.0,
    ) -> None:
        init = create(init) if isinstance(init, str) else init
        super().__init__(
            init=None if init is None else init.dumps(),
            num_hidden=num_hidden,
            num_layers=num_layers,
            mode=mode,
            bidirectional=bidirectional,
            forget_bias=forget_bias,
        )
        self._init, self._mode, self._forget_bias = init, mode, forget_bias
        self._sizes = (mode, num_hidden, num_layers, 2 if bidirectional else 1)

    def _init_weight(self, name: str, arr: nd.NDArray) -> None:
        whole = getattr(name, "global_init", None)
        init = whole if self._init is None else self._init
        if init is None:
            raise ParameterError(f"FusedRNN: there is no initializer for the parts of {name}")
        if inputs_of(arr.size, *self._sizes) is None:
            raise ShapeError(f"Invalid parameters size {arr.size} of {name} for FusedRNNCell")
        for part_name, part in gate_views(arr, *self._sizes):
            if self._mode == "lstm" and part_name.endswith("_f_bias"):
                part[:] = self._forget_bias
            else:
                init(InitDesc(part_name, global_init=whole), part)


@register
class Mixed:
    """The first of several initializers whose pattern matches the name."""

    def __init__(self, patterns: Sequence[str], initializers: Sequence[Any]) -> None:
        if len(patterns) != len(initializers):
            raise ParameterError("Mixed needs as many initializers as patterns")
        self.map = [(re.compile(p), i) for p, i in zip(patterns, initializers, strict=True)]

    def __call__(self, name: str, arr: nd.NDArray) -> None:
        """Fill *arr* by the initializer of the first pattern that matches."""
        for pattern, one in self.map:
            if pattern.match(name):
                one(name, arr)
                return
        raise ParameterError(
            f'Parameter name {name} did not match any pattern. Consider adding a ".*" pattern at '
            "the end with default Initializer."
        )


@register
class Load:
    """Values from a file or a dict; *default_init* for names that it does not have."""

    def __init__(self, param: Any, default_init: Any = None, verbose: bool = False) -> None:
        loaded = nd.load(param) if isinstance(param, str) else param
        self.param = {n.removeprefix("arg:").removeprefix("aux:"): a for n, a in loaded.items()}
        self.default_init, self.verbose = default_init, verbose

    def __call__(self, name: str, arr: nd.NDArray) -> None:
        """Fill *arr* with the value of that name."""
        if name in self.param:
            value = self.param[name]
            assert arr.shape == value.shape, (
                f"Parameter {name} cannot be initialized from loading. Shape mismatch, target "
                f"{arr.shape} vs loaded {value.shape}"
            )
            arr[:] = value
            return
        assert self.default_init is not None, (
            f"Cannot Initialize {name}. Not found in loaded param and no default Initializer is "
            "provided."
        )
        self.default_init(name, arr)
