"""Parsing the parameters of one call, or of one node: what every kind of operator shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..base import _Null
from ..error import ParameterError, message
from .params import Param

__all__ = ["Parameterized"]


class Parameterized:
    """Base of what has a name, inputs and typed parameters."""

    name: str
    inputs: tuple[str, ...]
    params: dict[str, Param]
    #: keywords that front ends accept beside the parameters
    extra_params: tuple[str, ...] = ()

    def parse(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Canonical values of all parameters from what was given; ``_Null`` means not given.

        Raises ParameterError (MXNetError and ValueError) for unknown, missing or bad ones.
        """
        unknown = [n for n in given if n not in self.params and n not in self.extra_params]
        if unknown:
            raise self._unknown(unknown)
        parsed = {}
        for name, param in self.params.items():
            value = given.get(name, _Null)
            if value is _Null:
                if param.required:
                    raise self._missing(name)
                parsed[name] = param.default
                continue
            try:
                parsed[name] = param.parse(value)
            except (TypeError, ValueError, OverflowError) as error:
                raise ParameterError(
                    message(
                        f"{self.name}: Invalid Parameter format for {name}: {error}",
                        where=[f"{name} = {value!r}"],
                        fix=f"Give {name} as {param.describe()}.",
                    )
                ) from None
        return parsed

    def _missing(self, name: str) -> ParameterError:
        return ParameterError(
            message(
                f"{self.name}: Required parameter {name} of {self.params[name].describe()} "
                "is not presented",
                fix=f"Call {self.name}(..., {name}=...).",
            )
        )

    def _unknown(self, names: Sequence[str]) -> ParameterError:
        known = ", ".join([*self.inputs, *self.params])
        return ParameterError(
            message(
                f"{self.name}: Cannot find argument '{names[0]}'",
                where=[f"Possible Arguments: {known}"],
                fix="Check the spelling, or leave the argument out.",
            )
        )

    def print_params(self, p: Mapping[str, Any]) -> dict[str, str]:
        """The parameters as ``symbol.json`` has them: text, sorted by name, defaults left out."""
        return {
            name: self.params[name].print(value)
            for name, value in sorted(p.items())
            if name in self.params
        }
