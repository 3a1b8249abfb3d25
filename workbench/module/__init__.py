"""``mx.mod``: symbols with their arrays, an optimizer and a training loop.

>>> import workbench as mx
>>> fc = mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=3)
>>> out = mx.sym.SoftmaxOutput(fc, name="softmax")
>>> mod = mx.mod.Module(out)
>>> mod.bind([("data", (4, 2))], [("softmax_label", (4,))])
>>> mod.init_params(mx.init.One())
>>> mod.forward(mx.io.DataBatch([mx.nd.ones((4, 2))]), is_train=False)
>>> mod.get_outputs()[0].shape
(4, 3)
"""

from .. import _surface
from .base_module import BaseModule
from .bucketing_module import BucketingModule
from .module import Module
from .python_module import PythonLossModule, PythonModule
from .sequential_module import SequentialModule

__all__ = [
    "BaseModule",
    "BucketingModule",
    "Module",
    "PythonLossModule",
    "PythonModule",
    "SequentialModule",
]

__getattr__ = _surface.getattr_for(__name__)
