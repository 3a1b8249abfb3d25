"""``mx.nd.contrib``: operators called ``_contrib_NAME``, made on first use, and control flow."""

from .control_flow import cond, foreach, while_loop
from .namespace import namespace

__all__ = ["cond", "foreach", "while_loop"]

__getattr__, __dir__ = namespace(__name__, "_contrib_")
