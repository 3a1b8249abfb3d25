"""Reading images at places between pixels: grids, samplers and the spatial transformer.

A place is read as a mean of the four pixels around it. :func:`corners` says which these are and
with which weights; :func:`read`, :func:`spread` and :func:`slopes` are what deformable
convolution does with them, too. Pixels are rows of a table (one row, all channels), so that a
corner of all places is read by one ``take``.
"""

from ..error import ShapeError
from . import rules
from .params import Bool, Enum, Shape
from .registry import op

# ---- between pixels ---------------------------------------------------------------------------


def rows_of(xp, data):
    """(B, C, H, W) → a table of pixels, (B · H · W, C)."""
    return xp.ascontiguousarray(data.transpose(0, 2, 3, 1)).reshape(-1, data.shape[1])


def images_of(xp, rows, batch, sizes):
    """Undo :func:`rows_of`."""
    made = rows.reshape(batch, *sizes, rows.shape[1])
    return xp.ascontiguousarray(made.transpose(0, 3, 1, 2))


def corners(xp, y, x, sizes, edge=False):
    """The four pixels around each place: (row of the table, weight, and its slopes along y and x).

    *y* and *x*, (B, P), count pixels of an image of *sizes*. Pixels outside the image are 0;
    with *edge* the image ends in its last pixels, and only places outside of it are 0.
    """
    height, width = sizes
    top, left = xp.floor(y), xp.floor(x)
    first = xp.arange(y.shape[0]).reshape(-1, 1) * (height * width)
    whole = (y >= 0) & (y < height) & (x >= 0) & (x < width) if edge else None
    made = []
    for down in (0, 1):
        row, part_y = top + down, (y - top if down else 1 - (y - top))
        for right in (0, 1):
            column, part_x = left + right, (x - left if right else 1 - (x - left))
            inside = whole
            if inside is None:
                inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            place = _clipped(xp, row, height) * width + _clipped(xp, column, width) + first
            part_y_in, part_x_in = part_y * inside, part_x * inside
            weight = part_y_in * part_x
            slope_y, slope_x = (part_x_in if down else -part_x_in), part_y_in
            slope_x = slope_x if right else -slope_x
            made.append((place.reshape(-1), *(_column(one) for one in (weight, slope_y, slope_x))))
    return made


def _clipped(xp, at, size):
    """Whole numbers within 0 .. size - 1, from floats that may be anything."""
    return xp.minimum(xp.maximum(xp.nan_to_num(at), 0), size - 1).astype("int64")


def _column(weights):
    return weights.reshape(-1, 1)


def read(xp, rows, around):
    """The value of each place: (B · P, C)."""
    out = None
    for place, weight, _, _ in around:
        part = xp.take(rows, place, axis=0)
        part *= weight
        out = part if out is None else xp.add(out, part, out=out)
    return out


def spread(xp, grad, around, count):
    """The transpose of :func:`read`: a table of *count* pixels with what their places give."""
    made = xp.zeros((count, grad.shape[1]), grad.dtype)
    for place, weight, _, _ in around:
        xp.add.at(made, place, grad * weight)
    return made


def slopes(xp, rows, grad, around):
    """What moving each place along y and along x changes: two arrays (B · P,)."""
    along_y = along_x = 0
    for place, _, slope_y, slope_x in around:
        change = _column((xp.take(rows, place, axis=0) * grad).sum(axis=1))
        along_y, along_x = along_y + change * slope_y, along_x + change * slope_x
    return along_y.reshape(-1), along_x.reshape(-1)


# ---- GridGenerator ----------------------------------------------------------------------------


def _axis(xp, size, dtype):
    """The pixels of an axis as coordinates from -1 to 1."""
    return xp.arange(size, dtype=dtype) * (2 / max(size - 1, 1)) - 1


def _targets(xp, sizes, dtype):
    """x, y and 1 of every pixel: (3, h · w)."""
    height, width = sizes
    made = xp.ones((3, height, width), dtype)
    made[0] = _axis(xp, width, dtype)
    made[1] = _axis(xp, height, dtype).reshape(-1, 1)
    return made.reshape(3, -1)


_TRANSFORMS = Enum("affine", "warp")


@op(
    examples=[
        {"data": (2, 6), "transform_type": "affine", "target_shape": (2, 3)},
        {"data": (1, 2, 3, 2), "transform_type": "warp"},
    ]
)
def GridGenerator(
    xp,
    data,
    *,
    transform_type: _TRANSFORMS,  # affine: data is a 2 × 3 matrix; warp: an optical flow in pixels
    target_shape: Shape([2]) = (0, 0),  # affine: height and width of the grid
):
    """Where BilinearSampler is to read: x and y from -1 to 1 for each pixel, (N, 2, h, w).

    affine, (N, 6): the matrix times (x, y, 1) of the pixel. warp, (N, 2, h, w): the pixel moved
    by the flow.
    """
    if transform_type == "affine":
        flat = xp.dot(data.reshape(-1, 3), _targets(xp, target_shape, data.dtype))
        return flat.reshape(data.shape[0], 2, *target_shape)
    height, width = data.shape[2:]
    made = xp.empty_like(data)
    x = xp.arange(width, dtype=data.dtype)
    made[:, 0] = (data[:, 0] + x) * (2 / max(width - 1, 1)) - 1
    y = xp.arange(height, dtype=data.dtype).reshape(-1, 1)
    made[:, 1] = (data[:, 1] + y) * (2 / max(height - 1, 1)) - 1
    return made


def _check_affine(name, target_shape, transforms):
    if min(target_shape) < 1:
        raise ShapeError(f"{name}: target_shape {target_shape} is no grid")
    return rules.merge(transforms, (0, 6), "affine transforms, six numbers each")


@GridGenerator.infer
def _grid_shape(p, ins):
    data = ins[0]
    if p["transform_type"] == "affine":
        data = _check_affine("GridGenerator", p["target_shape"], data)
        return [data], [(data[0], 2, *p["target_shape"])]
    data = rules.merge(data, (0, 2, 0, 0), "optical flow")
    return [data], [data]


GridGenerator.grad(
    data=lambda F, g, p: F._backward_GridGenerator(g, transform_type=p["transform_type"])
)


@op(
    "_backward_GridGenerator",
    infer=lambda p, ins: (
        ins,
        [(ins[0][0], 6) if ins[0] and p["transform_type"] == "affine" else ins[0]],
    ),
    examples=[
        {"grad": (2, 2, 2, 3), "transform_type": "affine"},
        {"grad": (2, 2, 2, 3), "transform_type": "warp"},
    ],
)
def backward_grid(xp, grad, *, transform_type: _TRANSFORMS):  # the forward's
    """The gradient of GridGenerator's data, which does not depend on the data."""
    n, _, height, width = grad.shape
    if transform_type == "affine":
        targets = _targets(xp, (height, width), grad.dtype)
        return xp.dot(grad.reshape(2 * n, -1), targets.T).reshape(n, 6)
    made = grad.copy()
    made[:, 0] *= 2 / max(width - 1, 1)
    made[:, 1] *= 2 / max(height - 1, 1)
    return made


def _backward_grid_back(F, g, grad_shape, p):
    if p["transform_type"] == "warp":
        return F._backward_GridGenerator(g, transform_type="warp")
    return F.GridGenerator(g, transform_type="affine", target_shape=grad_shape[2:])


backward_grid.grad(grad=_backward_grid_back)


# ---- BilinearSampler --------------------------------------------------------------------------


def _around(xp, grid, sizes):
    """The pixels around the places of a grid."""
    flat = grid.reshape(grid.shape[0], 2, -1)
    height, width = sizes
    return corners(
        xp, (flat[:, 1] + 1) * ((height - 1) / 2), (flat[:, 0] + 1) * ((width - 1) / 2), sizes
    )


@op(
    examples=[
        {"data": (1, 2, 3, 4), "grid": ("unit", (1, 2, 2, 3))},
        {"data": (2, 1, 3, 3), "grid": (2, 2, 2, 2)},
    ]
)
def BilinearSampler(
    xp,
    data,
    grid,
    *,
    cudnn_off: Bool(optional=True) = None,
):
    """Images read at the places of a grid: (N, C, H, W), (N, 2, h, w) → (N, C, h, w).

    The grid holds x and y, -1 at the first pixel and 1 at the last. Between pixels the four
    around are averaged by their distance; outside of the image everything is 0.
    """
    around = _around(xp, grid, data.shape[2:])
    return images_of(xp, read(xp, rows_of(xp, data), around), data.shape[0], grid.shape[2:])


@BilinearSampler.infer
def _sampler_shape(p, ins):
    data, grid = (rules.merge(one, (0, n, 0, 0)) for one, n in zip(ins, (0, 2), strict=True))
    batch = rules.merge(data[:1], grid[:1], "batches")
    data, grid = (*batch, *data[1:]), (*batch, *grid[1:])
    return [data, grid], [(*data[:2], *grid[2:])]


BilinearSampler.grad_joint(lambda F, g, data, grid: F._backward_BilinearSampler(g, data, grid))


@op(
    "_backward_BilinearSampler",
    outputs=2,
    infer=lambda p, ins: (ins, [ins[1], ins[2]]),
    examples=[{"grad": (1, 2, 2, 3), "data": (1, 2, 3, 4), "grid": ("unit", (1, 2, 2, 3))}],
)
def backward_sampler(xp, grad, data, grid):
    """Gradients of BilinearSampler's data and grid."""
    n, _, height, width = data.shape
    around = _around(xp, grid, (height, width))
    rows, grad_rows = rows_of(xp, data), rows_of(xp, grad)
    d_data = images_of(xp, spread(xp, grad_rows, around, len(rows)), n, (height, width))
    along_y, along_x = slopes(xp, rows, grad_rows, around)
    d_grid = xp.empty_like(grid)
    d_grid[:, 0] = along_x.reshape(n, *grid.shape[2:]) * ((width - 1) / 2)
    d_grid[:, 1] = along_y.reshape(n, *grid.shape[2:]) * ((height - 1) / 2)
    return d_data, d_grid


# ---- SpatialTransformer -----------------------------------------------------------------------


@op(
    examples=[
        {
            "data": (1, 2, 3, 3),
            "loc": ([[0.7, 0.1, 0.05, -0.2, 0.8, 0.1]],),
            "target_shape": (2, 3),
            "transform_type": "affine",
            "sampler_type": "bilinear",
        },
        {
            "data": (2, 1, 3, 4),
            "loc": (2, 6),
            "target_shape": (2, 2),
            "transform_type": "affine",
            "sampler_type": "bilinear",
        },
    ]
)
def SpatialTransformer(
    xp,
    data,
    loc,
    *,
    target_shape: Shape([2]) = (0, 0),  # height and width of the result
    transform_type: Enum("affine"),  # what loc holds
    sampler_type: Enum("bilinear"),  # how pixels are read
    cudnn_off: Bool(optional=True) = None,
):
    """Images seen through affine maps: (N, C, H, W), (N, 6) → (N, C, h, w).

    BilinearSampler at what GridGenerator makes of *loc*, the rows of a 2 × 3 matrix for each
    image. Spatial transformer networks, Jaderberg, Simonyan, Zisserman and Kavukcuoglu 2015.
    """
    grid = GridGenerator.body(xp, loc, transform_type="affine", target_shape=target_shape)
    return BilinearSampler.body(xp, data, grid)


@SpatialTransformer.infer
def _transformer_shape(p, ins):
    data, loc = rules.merge(ins[0], (0, 0, 0, 0)), ins[1]
    loc = _check_affine("SpatialTransformer", p["target_shape"], loc)
    batch = rules.merge(data[:1], loc[:1], "batches")
    data = (*batch, *data[1:])
    return [data, (*batch, 6)], [(*data[:2], *p["target_shape"])]


def _transformer_back(F, g, data, loc, p):
    affine = {"transform_type": "affine"}
    grid = F.GridGenerator(loc, target_shape=p["target_shape"], **affine)
    d_data, d_grid = F._backward_BilinearSampler(g, data, grid)
    return d_data, F._backward_GridGenerator(d_grid, **affine)


SpatialTransformer.grad_joint(_transformer_back)
