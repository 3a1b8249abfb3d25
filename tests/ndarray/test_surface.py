"""The front ends have every public name of MXNet 1.9.1, with its arguments in its order.

``mxnet_names.json`` lists what ``dir()`` shows in MXNet 1.9.1: for each function the arguments that
can be given by position, for each class its own members.
"""

from __future__ import annotations

import inspect
import json
import runpy
from pathlib import Path

import pytest

import workbench as mx

LISTING = json.loads(Path(__file__).with_name("mxnet_names.json").read_text())

TABLES = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "left_out.py"))

#: left out on purpose; beside those the plumbing of the C library
LEFT_OUT = {"check_call", "c_array_buf", *TABLES["names"]()}
#: names whose operators are not built yet; this list only shrinks
WAITING = {
    "boxes and proposals": (
        "MultiBoxDetection MultiBoxPrior MultiBoxTarget MultiProposal PSROIPooling Proposal"
        " ROIAlign ROIPooling RROIAlign DeformablePSROIPooling bipartite_matching box_decode"
        " box_encode box_iou box_nms box_non_maximum_suppression count_sketch fft hawkesll ifft"
    ),
    "images in space": (
        "AdaptiveAvgPooling2D BatchNormWithReLU BatchNorm_v1 BilinearResize2D BilinearSampler"
        " Correlation Crop DeformableConvolution GridGenerator IdentityAttachKLSparseReg"
        " ModulatedDeformableConvolution SVMOutput SpatialTransformer SyncBatchNorm UpSampling"
    ),
    "control flow and custom operators": "Custom cond foreach while_loop",
    "images": (
        "adjust_lighting crop flip_left_right flip_top_bottom imdecode normalize"
        " random_brightness random_color_jitter random_contrast random_flip_left_right"
        " random_flip_top_bottom random_hue random_lighting random_saturation resize to_tensor"
    ),
    "sparse storage": (
        "NotSupportedForSparseNDArray adagrad_update cast_storage current_context edge_id empty"
        " getnnz gs_retain retain"
    ),
    "quantization": (
        "dequantize quantize quantize_asym quantize_v2 quantized_act quantized_batch_norm"
        " quantized_concat quantized_conv quantized_elemwise_add quantized_elemwise_mul"
        " quantized_embedding quantized_flatten quantized_fully_connected quantized_pooling"
        " quantized_rnn requantize"
    ),
}
SKIPPED = LEFT_OUT.union(*(names.split() for names in WAITING.values()))
#: other arguments than MXNet's: it is Pooling here, with all arguments of that
OTHER_ARGUMENTS = {"Pooling_v1"}


def space(path):
    root = mx
    for part in path.split("."):
        root = getattr(root, part)
    return root


@pytest.mark.parametrize("path", LISTING["functions"])
def test_every_public_name_is_there(path):
    missing = {name for name in LISTING["functions"][path] if not hasattr(space(path), name)}
    assert sorted(missing - SKIPPED) == []


@pytest.mark.parametrize("path", LISTING["functions"])
def test_dir_shows_them(path):
    names = {name for name in LISTING["functions"][path] if hasattr(space(path), name)}
    assert sorted(names - set(dir(space(path)))) == []


def leading(function):
    """The arguments that can be given by position."""
    names = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            break
        names.append(name)
    return names


@pytest.mark.parametrize("path", LISTING["functions"])
def test_arguments_stand_in_mxnets_order(path):
    wrong = {}
    for name, arguments in LISTING["functions"][path].items():
        function = getattr(space(path), name, None)
        if function is None or not arguments or name in OTHER_ARGUMENTS | SKIPPED:
            continue
        theirs, ours = arguments.split(), leading(function)
        if ours[: len(theirs)] != theirs:
            wrong[name] = (theirs, ours)
    assert wrong == {}


INSTANCES = {
    "nd.NDArray": lambda: mx.nd.ones((2, 2)),
    "nd.sparse.BaseSparseNDArray": lambda: mx.nd.sparse.zeros("csr", (2, 2)),
    "nd.sparse.CSRNDArray": lambda: mx.nd.sparse.zeros("csr", (2, 2)),
    "nd.sparse.RowSparseNDArray": lambda: mx.nd.sparse.zeros("row_sparse", (2, 2)),
    "sym.Symbol": lambda: mx.sym.var("x"),
}


@pytest.mark.parametrize("path", LISTING["classes"])
def test_every_member_of_a_class_is_there(path):
    one = INSTANCES[path]()
    python_2 = {"__div__", "__idiv__", "__nonzero__", "__rdiv__"} if path == "sym.Symbol" else set()
    missing = {name for name in LISTING["classes"][path].split() if not hasattr(one, name)}
    assert sorted(missing - python_2) == []


def test_the_lists_speak_of_names_of_mxnet():
    every = {name for names in LISTING["functions"].values() for name in names}
    assert every >= {name for name in SKIPPED if not name.startswith("_")}
