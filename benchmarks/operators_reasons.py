"""Why an operator is slower than torch where it is; printed under the table of operators."""

from __future__ import annotations

_LIST = (
    "Python looks at each array of a list (class, device, dtype, shape) before the kernel is "
    "called; torch does that in C++."
)
_BLAS = (
    "The product itself: NumPy's OpenBLAS here, MKL in torch. What Workbench adds to NumPy's call "
    "is about 0.4 µs."
)
_ROWS = (
    "Rows of 100 numbers lie across the lines of the cache and end within a vector: ten of them "
    "take as long as ten rows of 128 do."
)
_MEMORY = (
    "One pass over memory on both sides; which is ahead changes from run to run on this machine."
)
REASONS: dict[str, str] = {
    "Concat": _LIST,
    "stack": _LIST,
    "add_n": _LIST,
    "broadcast_mul": (
        "Where shapes differ NumPy runs its loop once for each row. A kernel of our own would need "
        "a look at both shapes in every addition and multiplication, which costs 0.08 of 0.65 µs."
    ),
    "batch_dot": (
        "np.matmul on eight numbers takes 1.1 µs, as long as all of torch's call; on large ones it "
        "is the product itself."
    ),
    "dot": _BLAS,
    "FullyConnected": _BLAS,
    "Convolution": (
        "Generated code against oneDNN's, about level on this shape (64 filters of 3 × 3 on "
        "28 × 28): runs on this machine gave 0.9 to 1.3; see benchmarks/conv.py."
    ),
    "softmax": _ROWS,
    "log_softmax": _ROWS,
    "SoftmaxActivation": _ROWS,
    "_random_normal": (
        "MXNet's numbers, one by one: of two numbers that the polar method gives it throws one "
        "away, and the logarithm is taken in double."
    ),
    "Cast": "NumPy's conversion, which is a tenth slower than torch's on 400 kB.",
    "MakeLoss": _MEMORY,
    "Activation": _MEMORY,
    "relu": _MEMORY,
    "clip": _MEMORY,
    "broadcast_like": _MEMORY,
    "broadcast_axis": _MEMORY,
    "broadcast_add": _MEMORY,
    "broadcast_sub": _MEMORY,
    "broadcast_div": _MEMORY,
    "broadcast_maximum": _MEMORY,
    "broadcast_minimum": _MEMORY,
    "BlockGrad": _MEMORY,
    "max": _MEMORY,
}
