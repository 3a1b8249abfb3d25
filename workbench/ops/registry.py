"""The list of all operators, and the record that each of them is.

I want to add ...               then I write ...
------------------------------  ------------------------------------------------------------
an operator                     ``@op(...)`` over its body, ``NAME.grad(...)``, in its family's file
one more tanh, add, max         one line by a family of :mod:`.families`
a gradient                      ``NAME.grad(data=lambda F, g, data: ...)``
a gradient shared by inputs     ``NAME.grad_joint(lambda F, g, ...: (d_data, d_gamma, None))``
a shape rule                    ``infer="same"`` (names in :mod:`.rules`) or ``@NAME.infer``;
                                ``@NAME.infer_from_outputs`` completes inputs by what is known after
a parameter                     a keyword-only argument with a type of :mod:`.params`
a faster CPU kernel             an entry in :mod:`workbench.kernels`; nothing changes here
a front end                     nothing: ``nd``, ``sym`` and ``F`` read the record
what it does with sparse arrays ``storage="keeps"`` (names in :mod:`.storage`), and
                                ``@NAME.stored("csr", "default")`` over a body for these inputs

A body ``f(xp, *arrays, **params)`` computes with the array namespace *xp* it is given and writes
into an input only what ``mutates`` declares. A gradient rule ``f(F, g, ...)`` computes with the
operators' own namespace *F*, so that the same rule runs on raw arrays, on NDArrays (higher
order) and on graphs. The names of a rule's further arguments are its save list:

``data``        the input of that name         ``out``     the (first) output
``data_shape``  only the shape of the input    ``outs``    all outputs
``p``           the dict of parameters         ``args``    all inputs of a variadic operator

``train`` is in ``p`` where the body uses it. Of an operator with several outputs *g* is a sequence,
None for a hidden output that nobody reached. A rule may return None for zero.

An example is a dict of the inputs and parameters of one call, small enough to differentiate by
differences. An input (``args`` of a variadic operator: a list of inputs) is one of

``(2, 3)``                   floats of that shape, of both signs, none of them close to another
``("positive", (2, 3))``     floats above 0.5            ``("above 1", ...)``   above 1.2
``("unit", (2, 3))``         floats between 0 and 1      ``("int", 5, (2, 3))`` whole, below 5
``("int8", (2, 3))``         whole numbers of that dtype, whatever the others have; uint8, int32 too
``("symmetric", (3, 3))``    positive definite matrices, moved only along symmetric ones
``([[0, 2], [1, 3]],)``      these values
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .. import _surface
from ..base import MXNetError, _Null
from ..error import (
    DTypeError,
    ShapeError,
    UnknownOperator,
    message,
    user_line,
)
from . import rules
from .parameters import Parameterized
from .params import Param
from .storage import Storage, StoredOp

__all__ = ["Op", "Rule", "all_ops", "find", "get", "no_such_name", "op", "public_names"]

Shapes = list[Any]
#: keyword-only arguments of a body that are not parameters: who calls fills them in.
#: ``train`` (bool: training mode), ``rng`` (the device's random streams), ``out`` (None, or the
#: buffers to write into and return)
USES = ("train", "rng", "out")
RESERVED = frozenset({"out", "name", "ctx", "xp", "outs"})

_OPS: list[Op] = []
_BY_NAME: dict[str, Op] = {}


class Rule:
    """A gradient rule and the names of what it wants saved."""

    __slots__ = ("function", "saves")

    def __init__(self, function: Callable[..., Any]) -> None:
        code = function.__code__
        self.function = function
        self.saves = code.co_varnames[2 : code.co_argcount]


class Op(Parameterized, StoredOp):
    """Everything that is known about one operator; see the module's head.

    Attributes: ``name``, ``aliases``, ``index`` (its place in every kernel table), ``body``,
    ``inputs`` (names; ``("args",)`` when ``variadic``; ``input_names`` tells those in a graph
    where they are not arg0, arg1, ...), ``optional`` (inputs that may be missing), ``aux``
    (inputs that are auxiliary states), ``mutates`` (input name → what replaces it),
    ``output_names`` (of several outputs in graphs; else output0, output1, ...), ``params``
    (name → Param), ``uses``, ``grads`` (input name → Rule),
    ``joint`` (one Rule for all inputs), ``zero_grad`` (gradient is zero everywhere),
    ``elementwise`` (for floats the body is a scalar expression), ``ufunc`` (body is this function
    of xp, for all dtypes), ``float_ufunc`` (the same for floats),
    ``dynamic_shape`` (output shape depends on values), ``views`` (the body may return a view of
    its input: plans keep it, the eager way copies), ``examples``. What it does with sparse
    arrays is in :class:`.storage.StoredOp`.
    """

    joint: Rule | None = None
    back_shape_rule: Callable[..., Any] | None = None
    _backward: Any = None

    def __init__(
        self,
        name: str,
        body: Callable[..., Any],
        inputs: Sequence[str],
        *,
        optional: Iterable[str] = (),
        variadic: bool = False,
        input_names: Callable[[dict[str, Any]], Sequence[str] | None] | None = None,
        params: Mapping[str, Param] | None = None,
        uses: Iterable[str] = (),
        aliases: Sequence[str] = (),
        aux: Sequence[str] = (),
        mutates: Sequence[str] = (),
        outputs: int | Callable[[dict[str, Any]], int] = 1,
        output_names: Sequence[str] = (),
        visible: int | Callable[[dict[str, Any]], int] | None = None,
        infer: str | Callable[..., Any] | None = None,
        dtype: str | Callable[..., Any] = "same",
        broadcasts: bool = False,
        elementwise: bool = False,
        ufunc: str | None = None,
        float_ufunc: str | None = None,
        dynamic_shape: bool = False,
        views: bool = False,
        zero_grad: bool = False,
        optional_when: Callable[[dict[str, Any]], Iterable[str]] | None = None,
        storage: str | Storage | None = None,
        meets: Callable[[dict[str, Any]], bool] | None = None,
        examples: Sequence[dict[str, Any]] = (),
        like: Sequence[Op] = (),
        doc: str | None = None,
    ) -> None:
        self.name, self.body, self.inputs = name, body, tuple(inputs)
        self.optional, self.variadic = frozenset(optional), variadic
        self._input_names, self._meets = input_names, meets
        self.params, self.uses = dict(params or {}), frozenset(uses)
        self.aliases, self.aux, self.mutates = tuple(aliases), tuple(aux), tuple(mutates)
        self._outputs, self.output_names = outputs, tuple(output_names)
        self._visible = outputs if visible is None else visible
        self.shape_rule = rules.SHAPE[infer] if isinstance(infer, str) else infer
        self.dtype_rule = rules.DTYPE[dtype] if isinstance(dtype, str) else dtype
        self.same_dtype = dtype == "same"
        self.broadcasts, self.elementwise = broadcasts, elementwise
        self.ufunc, self.float_ufunc = ufunc, float_ufunc
        self.dynamic_shape, self.zero_grad, self.views = dynamic_shape, zero_grad, views
        self.optional_when = optional_when
        self.set_storage(storage)
        #: like: operators that this one is made of, whose words explain its parameters
        self.examples, self.like = list(examples), tuple(like)
        self.doc = doc if doc is not None else (body.__doc__ or "")
        self.grads: dict[str, Rule] = {}
        #: keywords that front ends accept beside the parameters: creation takes a device
        self.extra_params: tuple[str, ...] = () if self.inputs else ("ctx",)
        #: the family of operators with a number: the body takes (xp, data, scalar)
        self.is_scalar = elementwise and "scalar" in self.params
        self._register()

    @property
    def may_meet(self) -> bool:
        """True where :meth:`meets` says yes for some parameters."""
        return self._meets is not None

    def meets(self, p: dict[str, Any]) -> bool:
        """Whether the body exchanges numbers with other devices: :mod:`workbench.meeting`."""
        return self._meets is not None and self._meets(p)

    def _register(self) -> None:
        # an input or a parameter may be called p: a rule finds the parameter in its dict p, and
        # cannot save the input by its name
        for reserved in RESERVED.intersection((*self.inputs, *self.params)):
            raise ValueError(f"{self.name}: {reserved!r} is a reserved name")
        for name, param in self.params.items():
            param.name = name
        for name in (self.name, *self.aliases):
            if name in _BY_NAME:
                raise ValueError(f"operator {name} is registered twice")
            _BY_NAME[name] = self
        self.index = len(_OPS)
        _OPS.append(self)

    def __repr__(self) -> str:
        return f"<Op {self.name}({', '.join([*self.inputs, *self.params])})>"

    def __reduce__(self) -> tuple[Any, ...]:
        return get, (self.name,)

    # ---- outputs ------------------------------------------------------------------------

    @property
    def has_outputs(self) -> bool:
        """True when the body returns a tuple of arrays, False for one array."""
        return self._outputs != 1

    def num_outputs(self, p: dict[str, Any]) -> int:
        """How many arrays the body returns, hidden ones included."""
        return self._outputs(p) if callable(self._outputs) else self._outputs

    def num_visible(self, p: dict[str, Any]) -> int:
        """How many of them the caller gets."""
        return self._visible(p) if callable(self._visible) else self._visible

    @property
    def keywords(self) -> list[str]:
        """The parameters in the order of front ends: ctx before dtype or axis, as in MXNet."""
        names = list(self.params)
        place = next((i for i, n in enumerate(names) if n in ("dtype", "axis")), len(names))
        return [*names[:place], *self.extra_params, *names[place:]]

    def missing_inputs(self, p: dict[str, Any]) -> frozenset[str]:
        """The optional inputs that these parameters leave out (bias when ``no_bias``)."""
        if self.optional_when is None:
            return frozenset()
        return frozenset(self.optional_when(p))

    # ---- gradients ----------------------------------------------------------------------

    def grad(self, **by_input: Callable[..., Any]) -> Op:
        """Add the gradient rule of each named input: ``data=lambda F, g, data: ...``."""
        for name, function in by_input.items():
            if name not in self.inputs:
                raise ValueError(f"{self.name} has no input {name!r}")
            self.grads[name] = Rule(function)
        self._backward = None
        return self

    def grad_joint(self, function: Callable[..., Any]) -> Op:
        """One rule that returns a tuple: the gradient of each input in order (None: zero)."""
        self.joint = Rule(function)
        self._backward = None
        return self

    @property
    def differentiable(self) -> bool:
        """True when some input has a gradient rule."""
        return bool(self.grads) or self.joint is not None

    @property
    def save_names(self) -> tuple[str, ...]:
        """What the rules together want saved, each name once, without ``p``."""
        every = [self.joint] if self.joint else list(self.grads.values())
        names = dict.fromkeys(name for rule in every for name in rule.saves if name != "p")
        return tuple(names)

    # ---- inference ----------------------------------------------------------------------

    def infer(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: *function* ``(p, in_shapes) -> (in_shapes, out_shapes)`` is the shape rule.

        A shape is None (unknown rank) or a tuple in which 0 is an unknown size. The rule
        completes what it can in both directions and raises ShapeError on a contradiction.
        """
        self.shape_rule = function
        return function

    def infer_from_outputs(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: *function* ``(p, in_shapes, out_shapes) -> in_shapes`` learns from consumers.

        For graphs in which a later operator tells the size of a parameter before this one.
        """
        self.back_shape_rule = function
        return function

    def infer_shape(self, p: dict[str, Any], in_shapes: Sequence[Any]) -> tuple[Shapes, Shapes]:
        """Complete the shapes of the inputs, and give those of all outputs."""
        if self.shape_rule is None:
            raise ShapeError(
                message(
                    f"{self.name}: the output shape depends on the values of its inputs",
                    fix="Call it on arrays; in a graph it needs an operator with a shape rule.",
                )
            )
        try:
            ins, outs = self.shape_rule(p, list(in_shapes))
        except ShapeError as error:
            if error.args and str(error).startswith(self.name):
                raise
            places = [f"{n} {s}" for n, s in zip(self.names_of(in_shapes), in_shapes, strict=True)]
            raise ShapeError(message(f"{self.name}: {error}", where=[", ".join(places)])) from None
        return list(ins), list(outs)

    def infer_dtype(self, p: dict[str, Any], in_dtypes: Sequence[Any]) -> tuple[Shapes, Shapes]:
        """Complete the dtypes (names or None) of the inputs, and give those of all outputs."""
        try:
            ins, outs = self.dtype_rule(p, list(in_dtypes), self.num_outputs(p))
        except DTypeError as error:
            places = [f"{n} {d}" for n, d in zip(self.names_of(in_dtypes), in_dtypes, strict=True)]
            raise DTypeError(message(f"{self.name}: {error}", where=[", ".join(places)])) from None
        return list(ins), list(outs)

    def names_of(self, arrays: Sequence[Any]) -> list[str]:
        """A name for each of the given inputs."""
        if self.variadic:
            return [f"arg{i}" for i in range(len(arrays))]
        return list(self.inputs[: len(arrays)])

    def names_in_graph(self, p: dict[str, Any], given: int) -> list[str]:
        """The names of a node's inputs when *given* of them are; the others become variables.

        A variadic operator has as many as ``num_args`` says, or as are given.
        """
        if not self.variadic:
            return list(self.inputs)
        names = list((self._input_names and self._input_names(p)) or ())
        count = max(given, len(names) or p.get("num_args", 0))
        return names + [f"arg{i}" for i in range(len(names), count)]


# ---- registration ---------------------------------------------------------------------------


def op(name: str | None = None, **options: Any) -> Callable[[Callable[..., Any]], Op]:
    """Decorator: make the Op whose body the function is; see the module's head.

    Positional arguments after ``xp`` are the inputs (those with a default of None are
    optional, ``*args`` makes the operator variadic); keyword-only arguments are parameters,
    or ``train``, ``rng``, ``out``, which the caller fills in.
    """

    def make(body: Callable[..., Any]) -> Op:
        code = body.__code__
        positional = code.co_varnames[1 : code.co_argcount]
        keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        variadic = bool(code.co_flags & 0x04)
        optional = positional[len(positional) - len(body.__defaults__ or ()) :]
        return Op(
            name or body.__name__,
            body,
            ("args",) if variadic else positional,
            optional=optional,
            variadic=variadic,
            params=_params(body, keywords),
            uses=[word for word in keywords if word in USES and word not in body.__annotations__],
            **options,
        )

    return make


def _params(body: Callable[..., Any], keywords: Sequence[str]) -> dict[str, Param]:
    params = {}
    defaults = body.__kwdefaults__ or {}
    for name in keywords:
        kind = body.__annotations__.get(name)
        if kind is None and name in USES:
            continue
        if isinstance(kind, type) and issubclass(kind, Param):
            kind = kind()
        kind = copy.copy(kind)
        if not isinstance(kind, Param):
            raise TypeError(f"{body.__name__}: parameter {name} needs a type of ops.params")
        kind.default = defaults.get(name, _Null)
        params[name] = kind
    return params


def find(name: str) -> Op | None:
    """The operator of that name or alias, or None."""
    return _BY_NAME.get(name)


def get(name: str) -> Op:
    """The operator of that name or alias; raises UnknownOperator with the nearest names."""
    found = _BY_NAME.get(name)
    if found is None:
        raise UnknownOperator(message(f"unknown operator {name!r}", fix=_nearest(name, _BY_NAME)))
    return found


def no_such_name(module: str, name: str) -> AttributeError:
    """The exception for a *name* that *module*, a namespace of operators, does not have.

    NotYetInWorkbench for a name of MXNet 1.9.1, UnknownOperator with the nearest names for one
    that nobody has. *module* is its full name, ``workbench.ndarray.linalg``.
    """
    error = _surface.error_for(module, name)
    if name.startswith("__") or isinstance(error, MXNetError):
        return error
    names = set(_surface.names_of(module))
    if module.count(".") == 1:  # nd and sym have every operator, their rooms those of a prefix
        names.update(_BY_NAME)
    short = module.partition(".")[2].replace("ndarray", "nd").replace("symbol", "sym")
    return UnknownOperator(
        message(
            f"mx.{short} has no operator {name!r}, nor has MXNet 1.9.1",
            where=[user_line()],
            fix=_nearest(name, names),
        )
    )


def public_names(module: str, *prefixes: str) -> list[str]:
    """The operators' names in *module*, a namespace that makes them on first use, for ``dir()``.

    With *prefixes* those of operators that begin with one of them, without it.
    """
    if not prefixes:
        return [name for name in _BY_NAME if not name.startswith("_")]
    listed = _surface.names_of(module)
    return sorted(
        {
            name.removeprefix(prefix)
            for prefix in prefixes
            for name in _BY_NAME
            if name.startswith(prefix) and name.removeprefix(prefix) in listed
        }
    )


def _nearest(name: str, names: Iterable[str]) -> str:
    """A sentence that names what is spelled most like *name*; empty when nothing is."""
    import difflib

    spelled: dict[str, str] = {}
    for one in sorted(names, reverse=True):  # of two spellings of a word the capitalized one
        if name.startswith("_") or not one.startswith("_"):
            spelled[one.lower()] = one
    near = difflib.get_close_matches(name.lower(), spelled, n=3)
    return f"Did you mean {', '.join(spelled[one] for one in near)}?" if near else ""


def all_ops() -> Iterator[Op]:
    """Every operator, in the order of registration (the order of kernel tables)."""
    return iter(_OPS)


def all_names() -> Iterable[str]:
    """Every name and alias."""
    return _BY_NAME.keys()
