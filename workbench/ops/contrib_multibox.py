"""Single-shot detection (Liu et al. 2016): prior boxes, training targets, detections."""

import math

from ..error import ParameterError, ShapeError, message
from . import rules
from .box_help import greedy_pairs, need_floats, overlaps, survivors
from .params import Bool, Float, Floats, Int
from .registry import op

_VARIANCES = (0.1, 0.1, 0.2, 0.2)


def _corners(xp, boxes):
    """(n, 4) boxes as rows, and their areas, which are negative where one size is."""
    rows = xp.ascontiguousarray(boxes.T)
    return rows, (rows[2] - rows[0]) * (rows[3] - rows[1])


# ---- MultiBoxPrior --------------------------------------------------------------------------


@op(
    "_contrib_MultiBoxPrior",
    aliases=["_npx_multibox_prior"],
    zero_grad=True,
    examples=[
        {"data": (1, 3, 2, 3), "sizes": (0.5, 0.25), "ratios": (1, 2, 0.5)},
        {"data": (1, 3, 2, 3), "steps": (0.5, 0.25), "offsets": (0.25, 0.75), "clip": True},
    ],
)
def MultiBoxPrior(
    xp,
    data,
    *,
    sizes: Floats = (1.0,),  # heights of the boxes, as parts of the image
    ratios: Floats = (1.0,),  # width by height; all but the first with the first size only
    clip: Bool = False,  # cut boxes at the border of the image
    steps: Floats = (-1.0, -1.0),  # distances of the centres, y and x; even when not positive
    offsets: Floats = (0.5, 0.5),  # where in its cell a centre lies, y and x
):
    """Prior boxes around the cells of a feature map: (N, C, H, W) → (1, H · W · K, 4) corners.

    K = sizes + ratios - 1 boxes in each cell, in parts of the image. The gradient is zero.
    """
    need_floats(data)
    height, width = data.shape[2:4]
    step_y, step_x = steps if min(steps) > 0 else (1 / height, 1 / width)
    shapes = [(size, ratios[0]) for size in sizes] + [(sizes[0], ratio) for ratio in ratios[1:]]
    around = []
    for size, ratio in shapes:
        half_width = size * height / width * math.sqrt(ratio) / 2
        half_height = size / math.sqrt(ratio) / 2
        around.append([-half_width, -half_height, half_width, half_height])
    around = xp.asarray(around, dtype="float32")
    y = (xp.arange(height, dtype="float32") + offsets[0]) * step_y
    x = (xp.arange(width, dtype="float32") + offsets[1]) * step_x
    made = xp.empty((height, width, len(shapes), 4), data.dtype)
    made[..., 0::2] = x.reshape(-1, 1, 1) + around[:, 0::2]
    made[..., 1::2] = y.reshape(-1, 1, 1, 1) + around[:, 1::2]
    if clip:
        made = xp.clip(made, 0, 1)
    return made.reshape(1, -1, 4)


@MultiBoxPrior.infer
def _prior_shape(p, ins):
    _check_prior(p)
    data = ins[0]
    if data is None:
        return ins, [None]
    if len(data) != 4:
        raise ShapeError(f"Shape inconsistent, (N, C, H, W) is expected, got {data}")
    boxes = len(p["sizes"]) + len(p["ratios"]) - 1
    return ins, [(1, data[2] * data[3] * boxes, 4)]


def _check_prior(p):
    steps, offsets = p["steps"], p["offsets"]
    wrong = [
        ("sizes and ratios must not be empty", not p["sizes"] or not p["ratios"]),
        ("ratios must be positive", any(ratio <= 0 for ratio in p["ratios"])),
        ("steps are two numbers, y and x", len(steps) != 2),
        ("give both steps, or none", len(steps) == 2 and steps[0] * steps[1] < 0),
        ("offsets are two numbers, y and x", len(offsets) != 2),
        ("offsets lie between 0 and 1", any(not 0 <= one <= 1 for one in offsets)),
    ]
    for what, is_wrong in wrong:
        if is_wrong:
            raise ParameterError(message(f"MultiBoxPrior: {what}"))


# ---- MultiBoxTarget -------------------------------------------------------------------------


_ANCHORS = ([[[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8], [0.2, 0.2, 0.4, 0.5]]],)
_LABELS = (
    [
        [[1.0, 0.1, 0.1, 0.5, 0.6], [-1.0, -1.0, -1.0, -1.0, -1.0]],
        [[0.0, 0.5, 0.5, 0.7, 0.8], [2.0, 0.2, 0.2, 0.4, 0.4]],
    ],
)


@op(
    "_contrib_MultiBoxTarget",
    aliases=["_npx_multibox_target"],
    outputs=3,
    output_names=["loc_target", "loc_mask", "cls_target"],
    zero_grad=True,
    examples=[
        {"anchor": _ANCHORS, "label": _LABELS, "cls_pred": (2, 4, 3)},
        {
            "anchor": _ANCHORS,
            "label": _LABELS,
            "cls_pred": (2, 4, 3),
            "negative_mining_ratio": 1,
            "overlap_threshold": 0.3,
        },
    ],
)
def MultiBoxTarget(
    xp,
    anchor,
    label,
    cls_pred,
    *,
    overlap_threshold: Float = 0.5,  # an anchor takes every box that it overlaps more than this
    ignore_label: Float = -1.0,  # class of anchors that do not count
    negative_mining_ratio: Float = -1.0,  # background per object, the hardest; all if not positive
    negative_mining_thresh: Float = 0.5,  # background overlaps all boxes less than this
    minimum_negative_samples: Int = 0,  # kept for MXNet's files, without effect on its CPU too
    variances: Floats = _VARIANCES,  # scales of the four columns of loc_target
):
    """What each anchor should say: offsets, which of them count, and a class.

    anchor (1, A, 4) corners, label (B, L, 5+) class and corners, ended by rows of -1, cls_pred
    (B, C, A) → loc_target and loc_mask (B, 4 A), cls_target (B, A): 0 for background, else the
    label's class + 1. Each box gets its best anchor first. Of a sample without boxes no anchor
    counts. The gradient is zero.
    """
    need_floats(anchor, label, cls_pred)
    boxes, classes = label[..., 1:5], label[..., 0]
    has = (classes == -1).astype("int32").cumsum(axis=1) == 0
    iou = _overlaps_with_labels(xp, anchor[0], boxes)
    iou = xp.where(has[:, None], iou, -1)  # (B, A, L)
    match, _ = greedy_pairs(xp, iou, lambda score: score > 1e-6, label.shape[1])
    best_iou = iou.max(axis=2)
    if overlap_threshold > 0:
        near = (match < 0) & (best_iou > overlap_threshold)
        match = xp.where(near, iou.argmax(axis=2), match)
    positive = match >= 0
    negative = ~positive
    if negative_mining_ratio > 0:
        far = negative & (best_iou < negative_mining_thresh)
        wanted = (positive.sum(axis=1) * negative_mining_ratio).astype("int64")
        negative = _hardest(xp, cls_pred, far, wanted)
    negative &= has[:, :1]
    which = xp.maximum(match, 0)
    target = _offsets(xp, anchor[0], xp.take_along_axis(boxes, which[..., None], 1), variances)
    mask = xp.broadcast_to(positive[..., None], target.shape)
    found = xp.where(negative, 0, ignore_label)
    found = xp.where(positive, xp.take_along_axis(classes, which, 1) + 1, found)
    batch, dtype = label.shape[0], anchor.dtype
    return (
        xp.where(mask, target, 0).reshape(batch, -1).astype(dtype, copy=False),
        mask.reshape(batch, -1).astype(dtype),
        found.astype(dtype, copy=False),
    )


def _overlaps_with_labels(xp, anchors, boxes):
    """(A, 4) anchors and (B, L, 4) boxes → (B, A, L)."""
    rows, areas = _corners(xp, anchors)
    other, other_areas = _corners(xp, boxes.reshape(-1, 4))
    made = overlaps(xp, rows, areas, other, other_areas)
    made = made.reshape(anchors.shape[0], boxes.shape[0], boxes.shape[1])
    return xp.ascontiguousarray(made.transpose(1, 0, 2))


def _hardest(xp, cls_pred, candidates, wanted):
    """Of the candidates those that look least like background, as many as wanted: bool (B, A)."""
    shifted = xp.exp(cls_pred - cls_pred.max(axis=1, keepdims=True))
    background = shifted[:, 0] / shifted.sum(axis=1)
    order = xp.argsort(xp.where(candidates, background, xp.inf), axis=1, kind="stable")
    rank = xp.argsort(order, axis=1)
    return candidates & (rank < wanted.reshape(-1, 1))


def _offsets(xp, anchors, boxes, variances):
    """Centres and logarithms of sizes of *boxes* relative to *anchors*."""
    size, anchor_size = boxes[..., 2:] - boxes[..., :2], anchors[:, 2:] - anchors[:, :2]
    moved = (boxes[..., :2] + boxes[..., 2:] - anchors[:, :2] - anchors[:, 2:]) * 0.5 / anchor_size
    made = xp.concatenate([moved, xp.log(size / anchor_size)], axis=-1)
    return made / xp.asarray(variances, dtype=made.dtype)


@MultiBoxTarget.infer
def _target_shape(p, ins):
    _check_variances("MultiBoxTarget", p)
    if p["negative_mining_ratio"] > 0 and p["negative_mining_thresh"] <= 0:
        raise ParameterError(message("MultiBoxTarget: negative_mining_thresh must be positive"))
    anchor, label, prediction = ins
    prediction = rules.merge(prediction, (0, 0, 0), "cls_pred")
    anchor = rules.merge(anchor, (1, prediction[2], 4), "anchor")
    if label is not None and (len(label) != 3 or 0 < label[2] < 5):
        raise ShapeError(
            f"Shape inconsistent, label: (samples, labels, 5 or more) is expected, got {label}"
        )
    batch = label[0] if label else 0
    prediction = rules.merge(prediction, (batch, 0, anchor[1]), "cls_pred")
    batch = batch or prediction[0]
    place = (batch, anchor[1] * 4)
    return [anchor, label, prediction], [place, place, (batch, anchor[1])]


def _check_variances(name, p):
    if len(p["variances"]) != 4:
        raise ParameterError(message(f"{name}: variances are four numbers, got {p['variances']}"))


# ---- MultiBoxDetection ----------------------------------------------------------------------


@op(
    "_contrib_MultiBoxDetection",
    aliases=["_npx_multibox_detection"],
    zero_grad=True,
    examples=[
        {"cls_prob": ("unit", (2, 3, 3)), "loc_pred": (2, 12), "anchor": _ANCHORS},
        {
            "cls_prob": ("unit", (2, 3, 3)),
            "loc_pred": (2, 12),
            "anchor": _ANCHORS,
            "nms_topk": 2,
            "clip": False,
            "force_suppress": True,
        },
    ],
)
def MultiBoxDetection(
    xp,
    cls_prob,
    loc_pred,
    anchor,
    *,
    clip: Bool = True,  # cut boxes at the border of the image
    threshold: Float = 0.01,  # least probability of a detection
    background_id: Int = 0,  # kept for MXNet's files: class 0 is the background
    nms_threshold: Float = 0.5,  # overlap from which the worse box goes; none outside (0, 1]
    force_suppress: Bool = False,  # boxes of other classes compete too
    variances: Floats = _VARIANCES,  # scales of the four columns of loc_pred
    nms_topk: Int = -1,  # how many of the best boxes are kept before; all when not positive
):
    """Detections from what a network says of its anchors: (B, A, 6).

    cls_prob (B, C, A), loc_pred (B, 4 A), anchor (1, A, 4) corners. A row is class, probability and
    corners; its class is -1 where there is no detection. The gradient is zero.
    """
    need_floats(cls_prob, loc_pred, anchor)
    batch, _, count = cls_prob.shape
    found, score = _best_class(xp, cls_prob, threshold)
    boxes = _place(xp, anchor, loc_pred.reshape(batch, count, 4), variances, clip)
    rows = xp.concatenate([found[..., None], score[..., None], boxes], axis=-1)
    out = xp.full((batch, count, 6), -1, cls_prob.dtype)
    for i in range(batch):
        here = rows[i][found[i] >= 0]
        if 0 < nms_threshold <= 1:
            here = _suppressed(xp, here, nms_threshold, nms_topk, force_suppress)
        out[i, : here.shape[0]] = here
    return out


def _best_class(xp, cls_prob, threshold):
    """The likeliest class but the background, counted from 0, and its probability."""
    if cls_prob.shape[1] < 2:
        lone = xp.full(cls_prob[:, 0].shape, -1, cls_prob.dtype)
        return lone, lone
    objects = cls_prob[:, 1:]
    score = objects.max(axis=1)
    found = xp.where((score >= threshold) & (score > -1), objects.argmax(axis=1), -1)
    return found.astype(cls_prob.dtype), score


def _place(xp, anchors, said, variances, clip):
    """Corners of the boxes that offsets from anchors mean."""
    said = said * xp.asarray(variances, dtype=said.dtype)
    size = anchors[..., 2:] - anchors[..., :2]
    center = said[..., :2] * size + (anchors[..., :2] + anchors[..., 2:]) / 2
    half = xp.exp(said[..., 2:]) * size / 2
    made = xp.concatenate([center - half, center + half], axis=-1)
    return xp.clip(made, 0, 1) if clip else made


def _suppressed(xp, rows, nms_threshold, topk, force):
    """The rows best first, the class of those that went set to -1; behind *topk* unordered."""
    order = xp.argsort(-rows[:, 1], kind="stable")
    keep = min(topk, rows.shape[0]) if topk > 0 else rows.shape[0]
    best = rows[order[:keep]]
    corners, areas = _corners(xp, best[:, 2:])
    kept = survivors(
        xp,
        corners,
        areas,
        lambda iou: iou >= nms_threshold,
        classes=None if force else best[:, 0].astype("int64"),
    )
    best[:, 0] = xp.where(kept, best[:, 0], -1)
    rest = rows[keep:].copy()
    rest[:, 0] = -1
    return xp.concatenate([best, rest])


@MultiBoxDetection.infer
def _detection_shape(p, ins):
    _check_variances("MultiBoxDetection", p)
    cls_prob, loc_pred, anchor = ins
    count = anchor[1] if anchor and len(anchor) == 3 else 0
    cls_prob = rules.merge(cls_prob, (0, 0, count), "cls_prob")
    count = cls_prob[2]
    loc_pred = rules.merge(loc_pred, (cls_prob[0], count * 4), "loc_pred")
    anchor = rules.merge(anchor, (1, count, 4), "anchor")
    return [cls_prob, loc_pred, anchor], [(cls_prob[0] or loc_pred[0], count, 6)]
