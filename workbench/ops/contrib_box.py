"""Boxes: suppression of overlapping ones, overlaps, coding against anchors, matching."""

from ..error import OperatorError, ParameterError, ShapeError, message
from . import rules
from .box_help import areas_of, as_corners, greedy_pairs, need_floats, overlaps, survivors
from .params import Bool, Enum, Float, Int
from .registry import op

_ENCODING = Enum("center", "corner")


# ---- box_nms --------------------------------------------------------------------------------


@op(
    "_contrib_box_nms",
    aliases=["_contrib_box_non_maximum_suppression"],
    outputs=2,
    output_names=["output0", "output1"],
    visible=1,
    dtype=lambda p, ins, n: (ins, [ins[0], "int32"]),
    examples=[
        {"data": (2, 4, 6), "valid_thresh": -9},
        {"data": (5, 6), "valid_thresh": -9, "overlap_thresh": 0.1, "id_index": 0, "topk": 3},
        {"data": (4, 5), "coord_start": 1, "score_index": 0, "valid_thresh": 0.1},
    ],
)
def box_nms(
    xp,
    data,
    *,
    overlap_thresh: Float = 0.5,  # intersection over union from which the worse box goes
    valid_thresh: Float = 0,  # boxes with scores up to it go first
    topk: Int = -1,  # how many of the best boxes take part; all when negative
    coord_start: Int = 2,  # where the four coordinates begin
    score_index: Int = 1,  # where the score is
    id_index: Int = -1,  # where the class is; without classes when negative
    background_id: Int = -1,  # boxes of this class go first
    force_suppress: Bool = False,  # boxes of other classes compete too
    in_format: _ENCODING = "corner",  # left, top, right, bottom, or centre x, y, width, height
    out_format: _ENCODING = "corner",  # what the result has
):
    """Non-maximum suppression: the boxes that no better one overlaps, best first.

    (..., n, w) → (..., n, w); a box is w numbers, among them a score, four coordinates and maybe a
    class. What was removed is filled with -1 at the end. Gradients follow their boxes, whatever the
    formats. Of boxes whose first coordinate is negative no format is changed.
    """
    need_floats(data)
    if topk == 0:
        return data.copy(), _own_places(xp, data.shape)
    boxes = data.reshape(-1, *data.shape[-2:])
    classes = boxes[..., id_index] if id_index >= 0 else None
    order, count = _ranking(xp, boxes[..., score_index], classes, valid_thresh, background_id)
    if force_suppress:
        classes = None
    places = xp.full(order.shape, -1, "int32")
    for i in range(boxes.shape[0]):
        best = order[i, : min(int(count[i]), topk if topk > 0 else order.shape[1])]
        here = boxes[i][best]
        box = here[:, coord_start : coord_start + 4]
        kept = survivors(
            xp,
            xp.stack(as_corners(box, in_format)),
            areas_of(xp, box, in_format),
            lambda iou: iou > overlap_thresh,
            classes=None if classes is None else classes[i][best].astype("int64"),
        )
        chosen = best[kept]
        places[i, : chosen.size] = chosen
    out = xp.take_along_axis(boxes, xp.maximum(places, 0)[..., None].astype("int64"), 1)
    out = xp.where(places[..., None] >= 0, out, -1).astype(data.dtype, copy=False)
    if in_format != out_format:
        _recode(xp, out[..., coord_start : coord_start + 4], out_format)
    return out.reshape(data.shape), places.reshape(*data.shape[:-1], 1)


def _own_places(xp, shape):
    rows = xp.arange(shape[-2], dtype="int32").reshape(-1, 1)
    return xp.broadcast_to(rows, (*shape[:-1], 1)).copy()


def _ranking(xp, scores, classes, valid_thresh, background_id):
    """For each sample the boxes that count, best first, and then the others; how many count."""
    valid = scores > valid_thresh
    if classes is not None:
        valid &= classes != background_id
    order = xp.argsort(xp.where(valid, -scores, xp.inf), axis=1, kind="stable")
    return order, valid.sum(axis=1)


def _recode(xp, boxes, encoding):
    """Write boxes of the other encoding in this one, but those whose first number is negative."""
    if encoding == "center":
        left, top, right, bottom = (boxes[..., i].copy() for i in range(4))
        made = [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]
    else:
        made = as_corners(boxes, "center")
    stays = boxes[..., 0] < 0
    for i, one in enumerate(made):
        boxes[..., i] = xp.where(stays, boxes[..., i], one)


@box_nms.infer
def _nms_shape(p, ins):
    data = ins[0]
    if data is None:
        return ins, [None, None]
    if len(data) < 2:
        raise ShapeError(f"Shape inconsistent, (..., boxes, numbers) is expected, got {data}")
    _check_columns(data[-1], p)
    return ins, [data, (*data[:-1], 1)]


def _check_columns(width, p):
    """ParameterError unless score, class and coordinates are different columns."""
    start = p["coord_start"]
    used = {f"coord_start + {i}": start + i for i in range(4)}
    used["score_index"] = p["score_index"]
    if p["id_index"] >= 0:
        used["id_index"] = p["id_index"]
    for name, column in used.items():
        if column < 0 or (width and column >= width):
            raise ParameterError(
                message(
                    f"box_nms: {name} = {column} is out of range, a box has {width} numbers",
                    fix="Correct coord_start, score_index or id_index, or give wider boxes.",
                )
            )
    if len(set(used.values())) < len(used):
        raise ParameterError(
            message(
                f"box_nms: columns conflict: {', '.join(f'{k} = {v}' for k, v in used.items())}",
                fix="Score, class and the four coordinates need columns of their own.",
            )
        )


def _nms_back(F, g, outs, data_shape):
    """The rows of the gradient to where their boxes came from; those of -1 behind the end."""
    count, axis = data_shape[-2], len(data_shape) - 2
    places = F.broadcast_to(outs[1], shape=data_shape)
    wide = (*data_shape[:-2], count + 1, data_shape[-1])
    return F.slice_axis(
        F._put_along(g[0], places, axis=axis, shape=wide), axis=axis, begin=0, end=count
    )


box_nms.grad(data=_nms_back)


# ---- box_iou --------------------------------------------------------------------------------


@op(
    "_contrib_box_iou",
    zero_grad=True,
    examples=[
        {"lhs": ("positive", (3, 4)), "rhs": ("positive", (2, 2, 4)), "format": "center"},
        {
            "lhs": ([[0.5, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 0.5]],),
            "rhs": ([[0.25, 0.25, 0.75, 0.75]],),
        },
    ],
)
def box_iou(
    xp,
    lhs,
    rhs,
    *,
    format: _ENCODING = "corner",  # left, top, right, bottom, or centre x, y, width, height
):
    """Intersection over union of each box with each: (..., 4) and (:::, 4) → (..., :::).

    The gradient is zero, as in MXNet.
    """
    need_floats(lhs, rhs)
    one, other = lhs.reshape(-1, 4), rhs.reshape(-1, 4)
    made = overlaps(
        xp,
        as_corners(one, format),
        areas_of(xp, one, format),
        as_corners(other, format),
        areas_of(xp, other, format),
    )
    return made.reshape(lhs.shape[:-1] + rhs.shape[:-1])


@box_iou.infer
def _iou_shape(p, ins):
    lhs, rhs = ins
    for name, shape in zip(("lhs", "rhs"), ins, strict=True):
        if shape is not None and (len(shape) < 2 or shape[-1] not in (0, 4)):
            raise ShapeError(f"Shape inconsistent, {name}: (..., 4) is expected, got {shape}")
    return ins, [None if lhs is None or rhs is None else lhs[:-1] + rhs[:-1]]


# ---- box_encode, box_decode -----------------------------------------------------------------


@op(
    "_contrib_box_encode",
    outputs=2,
    zero_grad=True,
    examples=[
        {
            "samples": ([[0.0, 1.0]],),
            "matches": ([[-1.0, 1.0]],),
            "anchors": ([[[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]]],),
            "refs": ([[[0.1, 0.2, 0.3, 0.4], [0.5, 0.65, 0.8, 0.8]]],),
            "means": ([0.0, 0.0, 0.0, 0.0],),
            "stds": ([0.1, 0.1, 0.2, 0.2],),
        }
    ],
)
def box_encode(xp, samples, matches, anchors, refs, means, stds):
    """What a network has to learn to move *anchors* onto the boxes that they match.

    ``((x - x') / w', (y - y') / h', log(w / w'), log(h / h'))``, from centres and sizes, minus
    *means*, divided by *stds*. samples (B, N): 1 where an anchor has a box, matches (B, N): which;
    anchors (B, N, 4) and refs (B, M, 4) in corners → targets and masks (B, N, 4), zero where an
    anchor has none.
    """
    need_floats(samples, matches, anchors, refs)
    has = samples > 0.5
    which = xp.where(has, matches, 0).astype("int64")
    if which.size and (int(which.min()) < 0 or int(which.max()) >= refs.shape[1]):
        raise OperatorError(
            message(
                f"a match of a sample is out of range 0 .. {refs.shape[1] - 1}",
                fix="Set samples to 0 or -1 where nothing matches.",
            )
        )
    box = xp.take_along_axis(refs, which[..., None], 1)
    size, place = _size_and_center(box)
    anchor_size, anchor_place = _size_and_center(anchors)
    moved = (place - anchor_place) / anchor_size
    grown = xp.log(size / anchor_size)
    made = (xp.concatenate([moved, grown], axis=-1) - means) / stds
    masks = xp.broadcast_to(has[..., None], made.shape)
    dtype = anchors.dtype
    return xp.where(masks, made, 0).astype(dtype, copy=False), masks.astype(dtype)


def _size_and_center(corners):
    size = corners[..., 2:] - corners[..., :2]
    return size, corners[..., :2] + size * 0.5


@box_encode.infer
def _encode_shape(p, ins):
    samples, matches, anchors, refs, means, stds = ins
    pair = rules.merge(samples, matches, "samples and matches")
    if anchors is not None:
        anchors = rules.merge(anchors, (0, 0, 4), "anchors")
        pair = rules.merge(pair, anchors[:2], "samples and anchors")
    if pair is not None and len(pair) != 2:
        raise ShapeError(f"Shape inconsistent, samples: (samples, anchors) expected, got {pair}")
    anchors = rules.merge(anchors, None if pair is None else (*pair, 4), "anchors")
    if refs is not None:
        refs = rules.merge(refs, (pair[0] if pair else 0, 0, 4), "refs")
    means, stds = rules.merge(means, (4,), "means"), rules.merge(stds, (4,), "stds")
    return [pair, pair, anchors, refs, means, stds], [anchors, anchors]


@op(
    "_contrib_box_decode",
    zero_grad=True,
    examples=[
        {"data": (2, 3, 4), "anchors": ("positive", (1, 3, 4))},
        {"data": (2, 3, 4), "anchors": ("positive", (1, 3, 4)), "format": "corner", "clip": 0.5},
    ],
)
def box_decode(
    xp,
    data,
    anchors,
    *,
    std0: Float = 1.0,  # scale of the first column
    std1: Float = 1.0,  # scale of the second column
    std2: Float = 1.0,  # scale of the third column
    std3: Float = 1.0,  # scale of the fourth column
    clip: Float = -1.0,  # largest logarithm of a growth in size; any when not positive
    format: _ENCODING = "center",  # what the anchors have
):
    """Boxes from what a network says of *anchors*: (B, N, 4) and (1, N, 4) → (B, N, 4) corners.

    The inverse of box_encode. The gradient is zero, as in MXNet.
    """
    need_floats(data, anchors)
    place, size = anchors[..., :2], anchors[..., 2:]
    if format == "corner":
        size, place = _size_and_center(anchors)
    scale = xp.asarray([std0, std1, std2, std3], dtype=data.dtype)
    said = data * scale
    growth = said[..., 2:]
    if clip > 0:
        growth = xp.minimum(growth, clip)
    center = said[..., :2] * size + place
    half = xp.exp(growth) * size * 0.5
    return xp.concatenate([center - half, center + half], axis=-1)


@box_decode.infer
def _decode_shape(p, ins):
    data, anchors = ins
    data = rules.merge(data, None if data is None else (0, 0, 4), "data")
    anchors = rules.merge(anchors, (1, 0 if data is None else data[1], 4), "anchors")
    return [data, anchors], [data]


# ---- bipartite_matching ---------------------------------------------------------------------


@op(
    "_contrib_bipartite_matching",
    outputs=2,
    zero_grad=True,
    examples=[
        {"data": ([[0.5, 0.6], [0.1, 0.2], [0.3, 0.4]],), "threshold": 1e-12},
        {"data": (2, 3, 4), "threshold": 0.5, "is_ascend": True, "topk": 1},
    ],
)
def bipartite_matching(
    xp,
    data,
    *,
    is_ascend: Bool = False,  # small scores are good ones
    threshold: Float,  # a score has to be better than this
    topk: Int = -1,  # matching ends after one pair more than this; never when not positive
):
    """Pair rows with columns, the best score first: (..., N, M) → (..., N) and (..., M).

    For each row its column, for each column its row, -1 for none. The gradient is zero.
    """
    need_floats(data)
    scores = data.reshape(-1, *data.shape[-2:])
    least = -threshold if is_ascend else threshold
    of_row, of_column = greedy_pairs(
        xp,
        -scores if is_ascend else scores,
        lambda score: score > least,
        topk + 1 if topk > 0 else scores.size,
    )
    lead = data.shape[:-2]
    return (
        of_row.reshape(*lead, data.shape[-2]).astype(data.dtype),
        of_column.reshape(*lead, data.shape[-1]).astype(data.dtype),
    )


@bipartite_matching.infer
def _matching_shape(p, ins):
    data = ins[0]
    if data is None:
        return ins, [None, None]
    if len(data) < 2:
        raise ShapeError(f"Shape inconsistent, (..., rows, columns) is expected, got {data}")
    return ins, [data[:-1], (*data[:-2], data[-1])]
