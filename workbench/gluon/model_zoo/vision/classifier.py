"""What the networks of the zoo share."""

from __future__ import annotations

from typing import Any

from ....context import cpu
from ...hybrid import HybridBlock
from .. import model_store

__all__ = ["Classifier", "with_parameters"]


class Classifier(HybridBlock):
    """A network in two parts: ``features``, and ``output`` with a number for each class."""

    features: Any
    output: Any

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Images (N, 3, H, W), normalized as at training, to (N, classes)."""
        return self.output(self.features(x))


def with_parameters(net: Classifier, name: str, pretrained: bool, ctx: Any, root: Any) -> Any:
    """The network, with MXNet's parameters on *ctx* (the CPU) where *pretrained* asks for them."""
    if pretrained:
        path = model_store.get_model_file(name, root=root)
        net.load_parameters(path, ctx=cpu() if ctx is None else ctx)
    return net
