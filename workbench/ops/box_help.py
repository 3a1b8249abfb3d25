"""What the detection operators share: corners, overlaps, greedy suppression, greedy pairs.

A box is four numbers on the last axis of an array; here the four come first, ``(4, n)``, as
left, top, right, bottom, so that every step works on long rows.
"""

from ..error import DTypeError, message

#: boxes that are compared with all later ones in one step: large enough to make calls rare, small
#: enough for the rows to stay in the cache (6000 boxes: 8 → 71 ms, 64 → 47 ms, 256 → 74 ms)
_BLOCK = 64


def need_floats(*arrays):
    """DTypeError unless all arrays hold floats: boxes and scores of other dtypes mean nothing."""
    for one in arrays:
        if one.dtype.kind != "f":
            raise DTypeError(
                message(
                    f"floats are needed, got {one.dtype}",
                    fix="Convert with x.astype('float32').",
                )
            )


def as_corners(boxes, encoding):
    """The rows left, top, right, bottom of ``(..., 4)`` boxes that are *corner* or *center*."""
    rows = [boxes[..., i] for i in range(4)]
    if encoding == "corner":
        return rows
    x, y, half_width, half_height = rows[0], rows[1], rows[2] / 2, rows[3] / 2
    return [x - half_width, y - half_height, x + half_width, y + half_height]


def areas_of(xp, boxes, encoding):
    """Width times height; zero where one of them is negative."""
    rows = [boxes[..., i] for i in range(4)]
    width, height = rows[2:] if encoding == "center" else (rows[2] - rows[0], rows[3] - rows[1])
    return xp.where((width < 0) | (height < 0), 0, width * height).astype(boxes.dtype, copy=False)


def overlaps(xp, corners, areas, other_corners, other_areas):
    """Intersection over union of each of n boxes with each of m: (n, m); 0 where they are apart."""
    left, top, right, bottom = (row.reshape(-1, 1) for row in corners)
    meet = _common(xp, left, right, other_corners[0], other_corners[2])
    meet *= _common(xp, top, bottom, other_corners[1], other_corners[3])
    union = areas.reshape(-1, 1) + other_areas
    union -= meet
    xp.maximum(union, float(xp.finfo(union.dtype).tiny), out=union)
    meet /= union
    return meet


def _common(xp, low, high, other_low, other_high):
    """How much of an axis two intervals share."""
    shared = xp.minimum(high, other_high)
    shared -= xp.maximum(low, other_low)
    return xp.maximum(shared, 0, out=shared)


def survivors(xp, corners, areas, exceeds, *, classes=None, most=None):
    """Greedy suppression: bool (n,), True for each box that no better kept box overlaps too much.

    The boxes come best first: *corners* (4, n), *areas* (n,). ``exceeds(iou)`` says what too much
    is. With *classes* (n,) only boxes of one class compete. After *most* kept ones the search
    may end: no box behind the block that reached it is kept.
    """
    kept = xp.zeros(areas.shape, "bool")
    left = xp.arange(areas.size)
    while left.size and (most is None or int(kept.sum()) < most):
        iou = overlaps(xp, corners[:, :_BLOCK], areas[:_BLOCK], corners, areas)
        beats = exceeds(iou)
        if classes is not None:
            beats &= classes[:_BLOCK].reshape(-1, 1) == classes
        alive = _first_come(xp, xp.triu(beats[:, :_BLOCK], 1))
        kept[left[:_BLOCK][alive]] = True
        rest = xp.flatnonzero(~beats[alive, _BLOCK:].any(axis=0)) + _BLOCK
        left, corners, areas = left[rest], corners[:, rest], areas[rest]
        classes = None if classes is None else classes[rest]
    return kept


def _first_come(xp, beats):
    """Who is left when each who is left removes whom it beats, all of them later ones: bool (n,).

    Every round makes at least one more of the leading answers final; few rounds are needed.
    """
    alive = xp.ones(beats.shape[0], "bool")
    while True:
        again = ~(beats & alive.reshape(-1, 1)).any(axis=0)
        if bool((again == alive).all()):
            return alive
        alive = again


def greedy_pairs(xp, scores, accepts, most):
    """Pair rows with columns, the best score first: two int64 arrays of partners, -1 for none.

    *scores* (batch, rows, columns) → (batch, rows) and (batch, columns). Of equal scores the first
    counts. It ends at a score that ``accepts(score)`` refuses, or after *most* pairs.
    """
    batch, rows, columns = scores.shape
    free = scores.reshape(batch, -1).copy()
    grid = free.reshape(batch, rows, columns)
    of_row, of_column = xp.full((batch, rows), -1), xp.full((batch, columns), -1)
    sample = xp.arange(batch)
    for _ in range(min(rows, columns, most) if free.size else 0):
        best = free.argmax(axis=1)
        going = sample[accepts(free[sample, best])]
        if not going.size:
            break
        row, column = best[going] // columns, best[going] % columns
        of_row[going, row], of_column[going, column] = column, row
        grid[going, row], grid[going, :, column] = -xp.inf, -xp.inf
    return of_row, of_column
