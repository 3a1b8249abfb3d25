"""Why an operator is slower than torch where it is; printed under the table of operators."""

from __future__ import annotations

REASONS: dict[str, str] = {}
