"""Candidates drawn without repetition, for losses over many classes."""

from ..error import ParameterError, ShapeError, message
from .params import Int, Shape
from .registry import op


@op(
    outputs=2,
    dtype=lambda p, ins, n: (ins, ["int64", "int64"]),
    zero_grad=True,
    examples=[{"range_max": 20, "shape": (2, 5)}],
)
def _sample_unique_zipfian(
    xp,
    *,
    range_max: Int(min=1),  # how many classes there are
    shape: Shape = (),  # how many rows, and how many candidates in each
    rng,
):
    """Different classes in each row, and how many draws that took: → (B, N), (B,), int64.

    Class k is drawn with probability ``log((k + 2) / (k + 1)) / log(range_max + 1)``, about:
    frequent classes have small numbers.
    """
    drawn, tries = rng.unique_zipfian(*shape, range_max)
    return xp.asarray(drawn), xp.asarray(tries)


@_sample_unique_zipfian.infer
def _unique_shape(p, ins):
    shape = p["shape"]
    if len(shape) != 2:
        raise ShapeError(f"shape has two sizes, rows and candidates, got {shape}")
    if shape[1] > p["range_max"]:
        raise ParameterError(
            message(
                "_sample_unique_zipfian: Number of samples cannot exceed the number of possible "
                f"classes: {shape[1]} of {p['range_max']}"
            )
        )
    return ins, [shape, shape[:1]]
