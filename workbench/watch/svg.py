"""Writing SVG: elements from numbers and text, with escaping done in one place."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["FONT", "Svg", "number", "text_width"]

FONT = "'DejaVu Sans', Verdana, 'Segoe UI', sans-serif"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_WIDE = frozenset("mwMWQOGD@%–—")
_NARROW = frozenset("iljtfrI.,:;'|!()[] ")


def number(value: float) -> str:
    """A coordinate with at most two decimals and no useless zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def text_width(text: str, size: float) -> float:
    """About how wide *text* is in the font of our pictures at *size* pixels, a little generous."""
    units = sum(0.95 if c in _WIDE else 0.38 if c in _NARROW else 0.64 for c in text)
    return units * size


class Svg:
    """Collects elements; ``str()`` gives the document, white and with its own size."""

    def __init__(self, width: float, height: float, title: str = "") -> None:
        self.width, self.height = width, height
        self._title = title
        self._parts: list[str] = []

    def add(self, tag: str, body: str | None = None, **attributes: object) -> None:
        """Append an element. ``class_`` and ``stroke_width`` become ``class``, ``stroke-width``;
        None leaves an attribute out. *body* is text, escaped here."""
        inner = None if body is None else body.translate(_ESCAPES)
        self._parts.append(element(tag, inner, **attributes))

    def text(self, x: float, y: float, body: str, size: float = 11, **attributes: object) -> None:
        """Append text whose base line starts at (x, y)."""
        self.add("text", body, x=x, y=y, font_size=size, **attributes)

    def raw(self, markup: str) -> None:
        """Append markup that is complete already."""
        self._parts.append(markup)

    def open(self, **attributes: object) -> None:
        """Begin a group."""
        self._parts.append(element("g", None, **attributes)[:-2] + ">")

    def close(self) -> None:
        """End a group."""
        self._parts.append("</g>")

    def __str__(self) -> str:
        w, h = number(self.width), number(self.height)
        title = f"<title>{self._title.translate(_ESCAPES)}</title>" if self._title else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" '
            f'viewBox="0 0 {w} {h}" font-family="{FONT}" role="img">{title}'
            f'<rect width="{w}" height="{h}" fill="#ffffff"/>' + "".join(self._parts) + "</svg>"
        )


def element(tag: str, body: str | None = None, **attributes: object) -> str:
    """One element; *body* is markup."""
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{given}/>" if body is None else f"<{tag}{given}>{body}</{tag}>"


def path(points: Iterable[tuple[float, float] | None]) -> str:
    """Path data through *points*; None lifts the pen."""
    out, down = [], False
    for point in points:
        if point is None:
            down = False
            continue
        out.append(f"{'L' if down else 'M'}{number(point[0])} {number(point[1])}")
        down = True
    return "".join(out)


def _value(value: object) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return number(value)
    return str(value).translate(_ESCAPES)
