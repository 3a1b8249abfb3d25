"""Operators over images where they have several behaviours, and what they refuse."""

import numpy as np
import pytest

import workbench as mx
from workbench.base import MXNetError
from workbench.error import ParameterError, ShapeError


def image(*shape):
    return mx.nd.arange(int(np.prod(shape))).reshape(shape)


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"height": 7, "width": 2}, (7, 2)),
        ({"scale_height": 2.0, "scale_width": 0.5}, (10, 2)),
        ({"scale_width": 3.0, "height": 2, "width": 6}, (2, 6)),  # as MXNet: height decides
        ({"scale_height": 2.0, "scale_width": 2.0, "mode": "odd_scale"}, (9, 8)),
        ({"mode": "to_even_down"}, (4, 4)),
        ({"mode": "to_even_up"}, (6, 4)),
        ({"mode": "to_odd_down"}, (5, 3)),
        ({"mode": "to_odd_up"}, (5, 5)),
    ],
)
def test_the_size_of_a_resized_image(options, size):
    assert mx.nd.contrib.BilinearResize2D(image(1, 2, 5, 4), **options).shape == (1, 2, *size)


def test_resizing_keeps_corners_or_areas():
    x = mx.nd.array([[[[0.0, 3.0]]]])
    resize = mx.nd.contrib.BilinearResize2D
    assert resize(x, height=1, width=4).asnumpy().ravel().tolist() == [0, 1, 2, 3]
    areas = resize(x, height=1, width=4, align_corners=False)
    assert areas.asnumpy().ravel().tolist() == [0, 0.75, 2.25, 3]
    assert resize(x, height=1, width=2).asnumpy().tolist() == x.asnumpy().tolist()


def test_a_pixel_that_is_no_number_stays_where_it_is():
    x = image(1, 1, 4, 4)
    x[0, 0, 0, 0] = np.nan
    for out in (
        mx.nd.contrib.BilinearResize2D(x, height=7, width=7),
        mx.nd.contrib.AdaptiveAvgPooling2D(x, output_size=2),
    ):
        bad = np.isnan(out.asnumpy()[0, 0])
        assert bad[0, 0]
        assert not bad[-1].any()
        assert not bad[:, -1].any()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"mode": "odd_scale"}, ParameterError),
        ({"scale_height": 2.0}, ParameterError),
        ({"height": 0}, ParameterError),
        ({"mode": "nearest"}, ParameterError),
        ({"scale_height": 0.1, "scale_width": 0.1}, ShapeError),
    ],
)
def test_a_size_that_cannot_be_is_refused(options, error):
    with pytest.raises(error, match="BilinearResize2D"):
        mx.nd.contrib.BilinearResize2D(image(1, 1, 3, 3), **options)


def test_adaptive_pooling_takes_one_number_for_both_axes():
    pool = mx.nd.contrib.AdaptiveAvgPooling2D
    x = image(1, 1, 4, 6)
    assert pool(x).asnumpy().ravel().tolist() == [11.5]
    assert pool(x, output_size=(2,)).asnumpy().ravel().tolist() == [4, 7, 16, 19]
    assert pool(x, output_size=(4, 6)).asnumpy().tolist() == x.asnumpy().tolist()
    with pytest.raises(ShapeError, match="output_size"):
        pool(x, output_size=(1, 2, 3))
    with pytest.raises(ShapeError, match="N, C, H, W"):
        pool(mx.nd.ones((2, 3)))


def test_upsampling_by_a_kernel_makes_its_weight_in_a_graph():
    data = mx.sym.Variable("data")
    made = mx.sym.UpSampling(data, scale=2, sample_type="bilinear", num_filter=3, name="up")
    assert made.list_arguments() == ["data", "up_weight"]
    shapes, out, _ = made.infer_shape(data=(1, 3, 5, 4))
    assert shapes == [(1, 3, 5, 4), (3, 1, 4, 4)]
    assert out == [(1, 3, 10, 8)]
    assert made.attr_dict()["up_weight"]["__init__"] == '["bilinear", {}]'


def test_inputs_that_num_args_counts_become_variables():
    made = mx.sym.Crop(mx.sym.Variable("data"), num_args=2, name="crop")
    assert made.list_arguments() == ["data", "crop_arg1"]
    again = mx.sym.load_json(made.tojson())
    assert again.infer_shape(data=(1, 2, 5, 5), crop_arg1=(1, 1, 3, 2))[1] == [(1, 2, 3, 2)]


@pytest.mark.parametrize(
    ("shapes", "options"),
    [
        ([(1, 1, 4, 4), (1, 1, 3, 3)], {"sample_type": "nearest"}),
        ([(1, 1, 4, 4), (1, 1, 4, 8)], {"sample_type": "nearest"}),
        (
            [(1, 1, 4, 4), (1, 2, 8, 8)],
            {"sample_type": "nearest", "multi_input_mode": "sum"},
        ),
        ([(1, 3, 4, 4), (3, 1, 4, 4)], {"sample_type": "bilinear", "num_filter": 2}),
        ([(1, 2, 4, 4), (2, 1, 3, 3)], {"sample_type": "bilinear", "num_filter": 2}),
        ([(1, 2, 4, 4)], {"sample_type": "bilinear", "num_filter": 2}),
        ([(4, 4)], {"sample_type": "nearest"}),
    ],
)
def test_inputs_that_cannot_be_upsampled_together_are_refused(shapes, options):
    with pytest.raises(ShapeError):
        mx.nd.UpSampling(*[mx.nd.ones(s) for s in shapes], scale=2, **options)


@pytest.mark.parametrize(
    "options", [{"h_w": (5, 1)}, {"h_w": (2, 2), "offset": (3, 0)}, {}, {"num_args": 2}]
)
def test_a_window_outside_of_the_image_is_refused(options):
    with pytest.raises(ShapeError, match="Crop"):
        mx.nd.Crop(image(1, 1, 4, 4), **options)


def test_the_grid_of_the_identity_reads_the_image():
    x = image(2, 3, 4, 5)
    identity = mx.nd.array([[1, 0, 0, 0, 1, 0]] * 2)
    grid = mx.nd.GridGenerator(identity, transform_type="affine", target_shape=(4, 5))
    out = mx.nd.BilinearSampler(x, grid).asnumpy()
    np.testing.assert_allclose(out, x.asnumpy(), atol=1e-4)
    still = mx.nd.GridGenerator(mx.nd.zeros((2, 2, 4, 5)), transform_type="warp")
    np.testing.assert_allclose(still.asnumpy(), grid.asnumpy(), atol=1e-6)


def test_places_that_are_no_numbers_crash_nothing():
    x = image(1, 1, 3, 3)
    grid = mx.nd.array([np.nan, np.inf, -np.inf, 1e30, 0.0, 0.0, 0.0, 0.0]).reshape((1, 2, 2, 2))
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.BilinearSampler(x, grid)
    y.backward()
    assert y.shape == (1, 1, 2, 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda: mx.nd.GridGenerator(mx.nd.ones((1, 6)), transform_type="affine"),
        lambda: mx.nd.GridGenerator(
            mx.nd.ones((1, 5)), transform_type="affine", target_shape=(2, 2)
        ),
        lambda: mx.nd.GridGenerator(mx.nd.ones((1, 3, 2, 2)), transform_type="warp"),
        lambda: mx.nd.BilinearSampler(image(2, 1, 3, 3), mx.nd.ones((1, 2, 2, 2))),
        lambda: mx.nd.BilinearSampler(image(1, 1, 3, 3), mx.nd.ones((1, 3, 2, 2))),
        lambda: mx.nd.SpatialTransformer(
            image(2, 1, 3, 3),
            mx.nd.ones((1, 6)),
            target_shape=(2, 2),
            transform_type="affine",
            sampler_type="bilinear",
        ),
        lambda: mx.nd.Correlation(image(1, 1, 3, 3), image(1, 1, 3, 4)),
        lambda: mx.nd.Correlation(image(1, 1, 3, 3), image(1, 1, 3, 3), kernel_size=2),
        lambda: mx.nd.Correlation(image(1, 1, 3, 3), image(1, 1, 3, 3), max_displacement=4),
    ],
)
def test_shapes_that_do_not_fit_are_refused(call):
    with pytest.raises(MXNetError, match=r"GridGenerator|Sampler|Transformer|Correlation"):
        call()


def test_offsets_of_zero_are_a_plain_convolution():
    rng = np.random.default_rng(0)
    x, w = (mx.nd.array(rng.normal(size=s)) for s in ((2, 4, 6, 5), (4, 2, 3, 3)))
    options = {"kernel": (3, 3), "num_filter": 4, "num_group": 2, "no_bias": True}
    plain = mx.nd.Convolution(x, w, **options).asnumpy()
    offset, mask = mx.nd.zeros((2, 18, 4, 3)), mx.nd.ones((2, 9, 4, 3))
    deformed = mx.nd.contrib.DeformableConvolution(x, offset, w, **options)
    np.testing.assert_allclose(deformed.asnumpy(), plain, atol=1e-5)
    modulated = mx.nd.contrib.ModulatedDeformableConvolution(x, offset, mask, w, **options)
    np.testing.assert_allclose(modulated.asnumpy(), plain, atol=1e-5)
    with pytest.raises(ShapeError, match="offset"):
        mx.nd.contrib.DeformableConvolution(x, offset[:, :9], w, **options)


def test_the_sparseness_penalty_moves_its_average_with_the_gradient():
    x, average = mx.nd.array([[0.2, 0.6], [0.4, 0.8]]), mx.nd.array([0.5, 0.5])
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.IdentityAttachKLSparseReg(
            x, average, sparseness_target=0.5, penalty=1.0, momentum=0.5
        )
    assert y.asnumpy().tolist() == x.asnumpy().tolist()
    assert average.asnumpy().tolist() == [0.5, 0.5]
    y.backward()
    np.testing.assert_allclose(average.asnumpy(), [0.4, 0.6], rtol=1e-6)
    np.testing.assert_allclose(x.grad.asnumpy(), [[7 / 12, 17 / 12]] * 2, rtol=1e-5)


def test_hinge_losses_of_one_class_against_the_rest():
    x = mx.nd.array([[0.5, -2.0, 0.25]])
    x.attach_grad()
    for linear, expected in ((True, [-1, 0, 1]), (False, [-1, 0, 2.5])):
        with mx.autograd.record():
            y = mx.nd.SVMOutput(x, mx.nd.array([0]), use_linear=linear)
        y.backward()
        assert x.grad.asnumpy().tolist() == [expected]


@pytest.mark.parametrize("name", ["BatchNorm_v1", "_contrib_SyncBatchNorm"])
def test_their_third_output_is_the_variance(name):
    x = mx.nd.array([[1.0, 2.0], [3.0, 6.0]])
    one, zero = mx.nd.ones((2,)), mx.nd.zeros((2,))
    words = {"key": "layer"} if "Sync" in name else {}
    with mx.autograd.train_mode():
        _, mean, var = getattr(mx.nd._internal, name)(
            x, one, zero, zero.copy(), one.copy(), output_mean_var=True, **words
        )
    assert mean.asnumpy().tolist() == [2, 4]
    assert var.asnumpy().tolist() == [1, 4]
