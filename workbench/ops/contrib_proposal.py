"""Regions that a network thinks hold an object (Ren et al. 2015, Faster R-CNN)."""

import math

from ..error import OperatorError, ParameterError, ShapeError, message
from . import rules
from .box_help import need_floats, survivors
from .params import Bool, Float, Floats, Int
from .registry import op


def _anchors(xp, stride, scales, ratios):
    """Boxes of all ratios and scales around the first cell of *stride* pixels: (K, 4) corners."""
    center, made = 0.5 * (stride - 1), []
    for ratio in ratios:
        width = math.floor(math.sqrt(math.floor(stride * stride / ratio)) + 0.5)
        height = math.floor(width * ratio + 0.5)
        for scale in scales:
            x, y = 0.5 * (width * scale - 1), 0.5 * (height * scale - 1)
            made.append([center - x, center - y, center + x, center + y])
    return xp.asarray(made, dtype="float32")


def _shifted(xp, anchors, height, width, stride):
    """The anchors around all cells: (H, W, K, 4)."""
    x, y = xp.arange(width) * stride, xp.arange(height) * stride
    made = xp.empty((height, width, *anchors.shape), "float32")
    made[..., 0::2] = anchors[:, 0::2] + x.reshape(1, -1, 1, 1)
    made[..., 1::2] = anchors[:, 1::2] + y.reshape(-1, 1, 1, 1)
    return made


def _moved(xp, boxes, deltas, iou_loss):
    """The boxes where *deltas* (H, W, K, 4) move them: corners by pixels, or centre and size."""
    if iou_loss:
        return boxes + deltas
    size = boxes[..., 2:] - boxes[..., :2] + 1
    center = boxes[..., :2] + 0.5 * (size - 1) + deltas[..., :2] * size
    half = 0.5 * (xp.exp(deltas[..., 2:]) * size - 1)
    return xp.concatenate([center - half, center + half], axis=-1)


def _settled(xp, boxes, scores, info, stride, min_size):
    """The boxes of one image inside it, (n, 4), and their scores, -1 for those that cannot count.

    *boxes* (H, W, K, 4), *scores* (H, W, K); *info* is height, width and scale of the image. A box
    that is too small grows by the smallest size.
    """
    high, wide, scale = info
    rows, columns = int(high / stride), int(wide / stride)
    if rows > scores.shape[0] or columns > scores.shape[1]:
        raise OperatorError(
            message(
                f"an image of {high:g} × {wide:g} pixels has {rows} × {columns} cells of {stride}, "
                f"the feature map {scores.shape[0]} × {scores.shape[1]}",
                fix="Correct im_info (height, width, scale) or feature_stride.",
            )
        )
    border = xp.asarray([wide - 1, high - 1] * 2, dtype=boxes.dtype)
    boxes = xp.maximum(xp.minimum(boxes, border), 0)
    scores = scores.copy()
    scores[rows:], scores[:, columns:] = -1, -1
    least = min_size * scale
    small = (boxes[..., 2:] - boxes[..., :2] + 1 < least).any(axis=-1)
    grown = boxes + xp.asarray([-least / 2] * 2 + [least / 2] * 2, dtype=boxes.dtype)
    boxes = xp.where(small[..., None], grown, boxes)
    return boxes.reshape(-1, 4), xp.where(small, -1, scores).reshape(-1)


def _best(xp, boxes, scores, before, after, threshold):
    """The indices of *after* boxes, best first, that no better one overlaps too much.

    Only the best *before* take part. Where too few are left they are repeated. A pixel has a size
    of one.
    """
    order = xp.argsort(-scores, kind="stable")
    order = order[:before] if before > 0 else order
    corners = xp.ascontiguousarray(boxes[order].T)
    corners[2:] += 1
    areas = (corners[2] - corners[0]) * (corners[3] - corners[1])
    kept = survivors(xp, corners, areas, lambda iou: iou > threshold, most=after)
    chosen = order[xp.flatnonzero(kept)[:after]]
    return chosen[xp.arange(after) % chosen.shape[0]]


def _regions_shape(name, most_images):
    def rule(p, ins):
        _check_anchors(name, p)
        kinds = len(p["scales"]) * len(p["ratios"])
        cls_prob = rules.merge(ins[0], (0, 2 * kinds, 0, 0), "cls_prob (N, 2 · anchors, H, W)")
        count, _, *cells = cls_prob
        bbox_pred = rules.merge(
            ins[1], (count, 4 * kinds, *cells), "bbox_pred (N, 4 · anchors, H, W)"
        )
        im_info = rules.merge(ins[2], (count, 3), "im_info (N, 3)")
        if most_images and count > most_images:
            raise ShapeError(
                f"Shape inconsistent, one image is expected, got {count}; MultiProposal takes more"
            )
        regions = (count or bbox_pred[0] or im_info[0]) * p["rpn_post_nms_top_n"]
        if most_images:
            regions = p["rpn_post_nms_top_n"]
        return [cls_prob, bbox_pred, im_info], [(regions, 5), (regions, 1)]

    return rule


def _check_anchors(name, p):
    wrong = [
        ("scales and ratios must not be empty", not p["scales"] or not p["ratios"]),
        ("scales and ratios must be positive", min((*p["scales"], *p["ratios"]), default=1) <= 0),
    ]
    for what, is_wrong in wrong:
        if is_wrong:
            raise ParameterError(message(f"{name}: {what}"))


_EXAMPLES = [
    {
        "cls_prob": ("unit", (1, 4, 3, 2)),
        "bbox_pred": (1, 8, 3, 2),
        "im_info": ([[12.0, 8.0, 1.0]],),
        "rpn_pre_nms_top_n": 9,
        "rpn_post_nms_top_n": 4,
        "scales": (4, 8),
        "ratios": (1,),
        "rpn_min_size": 2,
        "feature_stride": 4,
    },
    {
        "cls_prob": ("unit", (1, 4, 3, 2)),
        "bbox_pred": (1, 8, 3, 2),
        "im_info": ([[20.0, 16.0, 1.0]],),
        "rpn_post_nms_top_n": 4,
        "scales": (2,),
        "ratios": (0.5, 1),
        "rpn_min_size": 1,
        "feature_stride": 8,
        "output_score": True,
        "iou_loss": True,
    },
]


def _regions(
    xp,
    cls_prob,
    bbox_pred,
    im_info,
    *,
    rpn_pre_nms_top_n: Int = 6000,  # how many of the best boxes compete; all when not positive
    rpn_post_nms_top_n: Int(min=1) = 300,  # how many regions an image gets
    threshold: Float = 0.7,  # intersection over union from which the worse box goes
    rpn_min_size: Int = 16,  # smaller boxes come last; in pixels of the unscaled image
    scales: Floats = (4.0, 8.0, 16.0, 32.0),  # sizes of the anchors, in cells
    ratios: Floats = (0.5, 1.0, 2.0),  # height by width of the anchors
    feature_stride: Int(min=1) = 16,  # pixels of the image per cell
    output_score: Bool = False,  # give the scores too
    iou_loss: Bool = False,  # bbox_pred moves corners by pixels, not centre and size
):
    need_floats(cls_prob, bbox_pred, im_info)
    count, _, height, width = cls_prob.shape
    anchors = _anchors(xp, feature_stride, scales, ratios)
    boxes = _shifted(xp, anchors, height, width, feature_stride)
    objects = cls_prob[:, anchors.shape[0] :].transpose(0, 2, 3, 1)
    deltas = bbox_pred.reshape(count, -1, 4, height, width).transpose(0, 3, 4, 1, 2)
    out = xp.empty((count, rpn_post_nms_top_n, 5), cls_prob.dtype)
    score = xp.empty((count, rpn_post_nms_top_n, 1), cls_prob.dtype)
    for i, info in enumerate(im_info.tolist()):
        made = _moved(xp, boxes, deltas[i], iou_loss)
        made, scores = _settled(xp, made, objects[i], info, feature_stride, rpn_min_size)
        best = _best(xp, made, scores, rpn_pre_nms_top_n, rpn_post_nms_top_n, threshold)
        out[i, :, 0], out[i, :, 1:], score[i, :, 0] = i, made[best], scores[best]
    return out.reshape(-1, 5), score.reshape(-1, 1)


Proposal = op(
    "_contrib_Proposal",
    outputs=2,
    visible=lambda p: 2 if p["output_score"] else 1,
    output_names=["output", "score"],
    infer=_regions_shape("Proposal", 1),
    zero_grad=True,
    examples=_EXAMPLES,
    doc="""The regions of one image that look most like objects: (post, 5), and scores (post, 1).

    cls_prob (1, 2 K, H, W), background before objects, bbox_pred (1, 4 K, H, W) for K = ratios ·
    scales anchors around each cell, im_info (1, 3) height, width and scale. Rows are 0 and the
    corners in pixels, ends included; too few regions are repeated. The gradient is zero.
    """,
)(_regions)

MultiProposal = op(
    "_contrib_MultiProposal",
    outputs=2,
    visible=lambda p: 2 if p["output_score"] else 1,
    output_names=["output", "score"],
    infer=_regions_shape("MultiProposal", None),
    zero_grad=True,
    examples=[
        {
            **_EXAMPLES[1],
            "cls_prob": ("unit", (2, 4, 3, 2)),
            "bbox_pred": (2, 8, 3, 2),
            "im_info": ([[20.0, 16.0, 1.0], [24.0, 12.0, 1.0]],),
        }
    ],
    doc="Proposal for several images: (N · post, 5) with the image's number first, and scores.",
)(_regions)
