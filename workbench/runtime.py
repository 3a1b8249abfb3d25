"""``mx.runtime``: what this installation can do, under MXNet's names for its build features."""

from __future__ import annotations

import importlib.util
from collections import OrderedDict
from dataclasses import dataclass

from ._surface import getattr_for
from .error import ParameterError, message

__all__ = ["Feature", "Features", "feature_list"]

__getattr__ = getattr_for(__name__)

# MXNet 1.9.1's features, in its order, and the module whose presence answers for each.
# "yes": part of Workbench; "": a property of a C++ build that has no meaning here.
_FEATURES = {
    "CUDA": "cupy",
    "CUDNN": "",
    "NCCL": "",
    "CUDA_RTC": "",
    "TENSORRT": "",
    "CPU_SSE": "",
    "CPU_SSE2": "",
    "CPU_SSE3": "",
    "CPU_SSE4_1": "",
    "CPU_SSE4_2": "",
    "CPU_SSE4A": "",
    "CPU_AVX": "",
    "CPU_AVX2": "",
    "OPENMP": "",
    "SSE": "",
    "F16C": "",
    "JEMALLOC": "",
    "BLAS_OPEN": "yes",
    "BLAS_ATLAS": "",
    "BLAS_MKL": "",
    "BLAS_APPLE": "",
    "LAPACK": "yes",
    "MKLDNN": "",
    "OPENCV": "cv2",
    "CAFFE": "",
    "PROFILER": "yes",
    "DIST_KVSTORE": "",
    "CXX14": "",
    "INT64_TENSOR_SIZE": "yes",
    "SIGNAL_HANDLER": "",
    "DEBUG": "",
    "TVM_OP": "",
}


@dataclass(frozen=True)
class Feature:
    """A feature by MXNet's name, and whether this installation has it."""

    name: str
    enabled: bool

    def __repr__(self) -> str:
        return f"{'✔' if self.enabled else '✖'} {self.name}"


def feature_list() -> list[Feature]:
    """All features of MXNet 1.9.1, each enabled or not."""
    return [Feature(name, _present(module)) for name, module in _FEATURES.items()]


def _present(module: str) -> bool:
    if module in ("", "yes"):
        return module == "yes"
    return importlib.util.find_spec(module) is not None


class Features(OrderedDict[str, Feature]):
    """The features by name: ``mx.runtime.Features().is_enabled("CUDA")``."""

    def __init__(self) -> None:
        super().__init__((feature.name, feature) for feature in feature_list())

    def __repr__(self) -> str:
        return str(list(self.values()))

    def is_enabled(self, feature_name: str) -> bool:
        """Whether a feature (any case) is there; ParameterError, a RuntimeError, if unknown."""
        name = feature_name.upper()
        if name not in self:
            known = ", ".join(self)
            raise ParameterError(
                message(f"Feature '{name}' is unknown", fix=f"Known features are: {known}.")
            )
        return self[name].enabled
