"""Coordinates of a laid-out graph, from the sizes of its boxes and which groups are open.

The widget in the browser computes the same numbers with the same steps (widgets/src/graph_place.js;
a fixture compares them), so keep this file plain: lists, sums in a fixed order, no NumPy.

Each rank is a row. Items keep their order in it; where they go across is found by sweeps down and
up, in which each item wants to be under (over) the mean of its neighbours and a row is settled by
pooling adjacent violators: the least squares solution under "no overlap". Boxes weigh a thousand
times what bends weigh, so a trunk stays straight and the lines beside it give way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["BEND", "FRAME", "GAP_X", "GAP_Y", "HEADER", "place"]

BEND = 12
GAP_X, GAP_Y = 16, 22
FRAME, HEADER = 12, 22
"""Room between a group's frame and what is in it; height of its title."""
ROUNDS = 6
HEAVY = 1000.0


def place(layout: Mapping[str, Any], opened: Iterable[str] | None = None) -> dict[str, Any]:
    """Boxes and lines of *layout* with the groups in *opened* open (None: as the layout says).

    Returns ``{"width", "height", "boxes": {id: [x, y, w, h]}, "open": [ids that are open and in
    view], "lines": [{"group", "edge", "from", "to", "back", "points"}]}``, all in pixels, boxes in
    the order in which to draw them. A line's points come in pairs: straight down within a pair, a
    curve from one pair to the next.
    """
    plan = _measure(layout["items"], layout["root"], set(opened or layout["open"]), True)
    out: dict[str, Any] = {
        "width": plan["w"],
        "height": plan["h"],
        "boxes": {},
        "open": [],
        "lines": [],
    }
    _emit(layout["items"], plan, 0.0, 0.0, out)
    return out


def _measure(items: Mapping[str, Any], key: str, opened: set[str], root: bool) -> dict[str, Any]:
    """An open group's inside, in its own coordinates."""
    group = items[key]
    inner: dict[str, dict[str, Any]] = {}
    for rank in group["ranks"]:
        for one in rank:
            if one in items and items[one]["kind"] == "group" and one in opened:
                inner[one] = _measure(items, one, opened, False)
    size: dict[str, tuple[float, float]] = {}
    # Where lines meet a box, right of its middle: at the top and at the bottom.
    port: dict[str, tuple[float, float]] = {}
    for rank in group["ranks"]:
        for one in rank:
            if one in inner:
                size[one] = inner[one]["w"], inner[one]["h"]
                port[one] = inner[one]["in"], inner[one]["out"]
            else:
                width, height = items[one]["size"] if one in items else (_bend(one), 0)
                size[one] = width, height
                port[one] = 0.0, 0.0
    middle = _across(group, size, port)
    return _box(key, group, size, port, middle, inner, root)


def _bend(one: str) -> int:
    return BEND if one[0] == "v" else 0


def _across(
    group: Mapping[str, Any],
    size: Mapping[str, tuple[float, float]],
    port: Mapping[str, tuple[float, float]],
) -> dict[str, float]:
    """The middle of every item across, around 0."""
    ranks = group["ranks"]
    middle: dict[str, float] = {}
    for rank in ranks:
        total = sum(size[one][0] for one in rank) + GAP_X * max(0, len(rank) - 1)
        left = -total / 2
        for one in rank:
            middle[one] = left + size[one][0] / 2
            left += size[one][0] + GAP_X
    above, below = _neighbours(group["edges"])
    # What gives way to boxes: bends, and inputs that join further down.
    light = {one for rank in ranks for one in rank if one[0] == "v"}
    light.update(one for rank in ranks[1:] for one in rank if one not in above)

    def settle(rank: list[str], up: bool, down: bool) -> None:
        wanted, weights = [], []
        for one in rank:
            total, weight = 0.0, 0.0
            if down:
                for other in above.get(one, ()):
                    pull = _pull(one in light, other in light)
                    total += pull * (middle[other] + port[other][1] - port[one][0])
                    weight += pull
            if up:
                for other in below.get(one, ()):
                    pull = _pull(one in light, other in light)
                    total += pull * (middle[other] + port[other][0] - port[one][1])
                    weight += pull
            wanted.append(total / weight if weight else middle[one])
            heavy = 1.0 if one in light else HEAVY
            weights.append(heavy if weight else heavy / HEAVY)
        widths = [size[one][0] for one in rank]
        for one, where in zip(rank, _apart(wanted, weights, widths), strict=True):
            middle[one] = where

    for _ in range(ROUNDS):
        for rank in ranks[1:]:
            settle(rank, False, True)
        for rank in reversed(ranks[:-1]):
            settle(rank, True, False)
    for rank in ranks:
        settle(rank, True, True)
    _straighten(group, size, middle)
    return middle


def _neighbours(paths: list[list[str]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for path in paths:
        for i in range(len(path) - 1):
            source, target = path[i], path[i + 1]
            if target not in below.setdefault(source, []):
                below[source].append(target)
                above.setdefault(target, []).append(source)
    return above, below


def _pull(light: bool, other_light: bool) -> float:
    """How strongly one item wants to be in line with another: like with like."""
    if light:
        return 16.0 if other_light else 1.0
    return 1.0 if other_light else HEAVY * HEAVY


def _straighten(
    group: Mapping[str, Any],
    size: Mapping[str, tuple[float, float]],
    middle: dict[str, float],
) -> None:
    """Put the bends of each line on one vertical where the room allows it."""
    spot = {one: (rank, i) for rank in group["ranks"] for i, one in enumerate(rank)}
    done: set[str] = set()
    for path in group["edges"]:
        chain = [one for one in path[1:-1] if one not in done]
        done.update(chain)
        low, high, total = -math.inf, math.inf, 0.0
        for one in chain:
            rank, i = spot[one]
            half = size[one][0] / 2 + GAP_X
            if i > 0:
                low = max(low, middle[rank[i - 1]] + size[rank[i - 1]][0] / 2 + half)
            if i + 1 < len(rank):
                high = min(high, middle[rank[i + 1]] - size[rank[i + 1]][0] / 2 - half)
            total += middle[one]
        if len(chain) > 1 and low <= high:
            where = min(max(total / len(chain), low), high)
            for one in chain:
                middle[one] = where


def _apart(wanted: list[float], weights: list[float], widths: list[float]) -> list[float]:
    """Places nearest to *wanted*, in the same order and far enough apart to not overlap."""
    offset = [0.0]
    for i in range(1, len(wanted)):
        offset.append(offset[-1] + widths[i - 1] / 2 + GAP_X + widths[i] / 2)
    blocks: list[list[float]] = []  # mean, weight, count
    for i in range(len(wanted)):
        blocks.append([wanted[i] - offset[i], weights[i], 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, weight, count = blocks.pop()
            last = blocks[-1]
            last[0] = (last[0] * last[1] + mean * weight) / (last[1] + weight)
            last[1] += weight
            last[2] += count
    out: list[float] = []
    for mean, _, count in blocks:
        for _ in range(int(count)):
            out.append(mean + offset[len(out)])
    return out


def _box(
    key: str,
    group: Mapping[str, Any],
    size: Mapping[str, tuple[float, float]],
    port: Mapping[str, tuple[float, float]],
    middle: Mapping[str, float],
    inner: dict[str, dict[str, Any]],
    root: bool,
) -> dict[str, Any]:
    """The group's own size, and where in it everything is."""
    left = min((middle[one] - size[one][0] / 2 for one in middle), default=0.0)
    right = max((middle[one] + size[one][0] / 2 for one in middle), default=0.0)
    least = 0 if root else group["size"][0]
    spare = max(0.0, least - (right - left) - 2 * FRAME) / 2
    shift = FRAME + spare - left
    spots: dict[str, tuple[float, float]] = {}
    levels: list[tuple[float, float]] = []
    y = float(FRAME if root else HEADER + FRAME / 2)
    for number, rank in enumerate(group["ranks"]):
        tall = max((size[one][1] for one in rank), default=0)
        if number:
            y += GAP_Y if tall and levels[-1][1] > levels[-1][0] else GAP_Y / 2
        levels.append((y, y + tall))
        for one in rank:
            x = _round(middle[one] + shift - size[one][0] / 2)
            spots[one] = (x, y + _round((tall - size[one][1]) / 2))
        y += tall
    width = _round(right - left + 2 * (FRAME + spare))
    height = y + (FRAME if root else FRAME / 2)
    centre = width / 2
    return {
        "key": key,
        "w": width,
        "h": height,
        "spots": spots,
        "levels": levels,
        "inner": inner,
        "size": size,
        "port": port,
        "in": spots["in"][0] - centre if "in" in spots else 0.0,
        "out": spots["out"][0] - centre if "out" in spots else 0.0,
    }


def _emit(
    items: Mapping[str, Any], plan: Mapping[str, Any], x: float, y: float, out: dict[str, Any]
) -> None:
    group = items[plan["key"]]
    out["open"].append(plan["key"])
    out["boxes"][plan["key"]] = [x, y, plan["w"], plan["h"]]
    for rank in group["ranks"]:
        for one in rank:
            if one in items:
                dx, dy = plan["spots"][one]
                if one in plan["inner"]:
                    _emit(items, plan["inner"][one], x + dx, y + dy, out)
                else:
                    out["boxes"][one] = [x + dx, y + dy, *plan["size"][one]]
    level = {one: number for number, rank in enumerate(group["ranks"]) for one in rank}
    for number, path in enumerate(group["edges"]):
        points = []
        for step, one in enumerate(path):
            dx, dy = plan["spots"][one]
            width, height = plan["size"][one]
            top, bottom = plan["levels"][level[one]]
            if step:
                px = x + dx + width / 2 + plan["port"][one][0]
                points += [[px, y + top], [px, y + (bottom if _bend(one) else dy)]]
                if one == "out":
                    points[-1][1] = y + plan["h"]
            if not step or _bend(one):
                if step:
                    continue
                px = x + dx + width / 2 + plan["port"][one][1]
                start = y if one == "in" else y + dy + height
                points += [[px, start], [px, y + bottom]]
        out["lines"].append(
            {
                "group": plan["key"],
                "edge": number,
                "from": path[0],
                "to": path[-1],
                "back": number in group["back"],
                "points": points,
            }
        )


def _round(value: float) -> float:
    return float(math.floor(value + 0.5))
