"""``mx.contrib``: what MXNet 1.9.1 calls experimental, loaded on first use."""

from .._surface import getattr_for

__getattr__ = getattr_for(__name__)
