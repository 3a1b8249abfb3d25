"""``mx.gluon.contrib``: what MXNet tries out beside Gluon."""

from ..._surface import getattr_for

__getattr__ = getattr_for(__name__)
