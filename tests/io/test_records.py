"""Batches of images out of record files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench import io, nd, recordio
from workbench.error import DataFileError, MXNetError, ParameterError, ShapeError, StorageError

COUNT, SIZE = 6, (3, 12, 14)
NOISE = np.random.default_rng(0).integers(0, 256, (COUNT, 20, 24, 3), dtype=np.uint8)
#: the middle of each image: (images, channels, height, width)
CENTRES = NOISE[:, 4:16, 5:19].transpose(0, 3, 1, 2)


def write(path: Path, images: np.ndarray, index: bool = False, **header) -> None:
    if index:
        record = recordio.MXIndexedRecordIO(path.with_suffix(".idx"), path, "w")
    else:
        record = recordio.MXRecordIO(path, "w")
    for i, pixels in enumerate(images):
        label = header.get("label", float(i))
        packed = recordio.pack_img((0, label, i, 0), pixels, img_fmt=".png", quality=3)
        record.write_idx(i, packed) if index else record.write(packed)
    record.close()


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> str:
    pytest.importorskip("PIL")
    path = tmp_path_factory.mktemp("records") / "all.rec"
    write(path, NOISE[..., ::-1], index=True)
    return str(path)


def batches(path: str, kind=io.ImageRecordIter, **options) -> io.ImageRecordIter:
    return kind(**{"path_imgrec": path, "data_shape": SIZE, "batch_size": 4, **options})


def seen(iterator) -> list[tuple[list[int], int]]:
    return [(batch.label[0].asnumpy().astype(int).tolist(), batch.pad) for batch in iterator]


def first(path: str, **options) -> np.ndarray:
    return batches(path, **options).next().data[0].asnumpy()


# ---- epochs ---------------------------------------------------------------------------------


def test_rounded_epochs(path):
    made = batches(path, data_name="x")
    assert made.provide_data == [("x", (4, *SIZE))]
    assert made.provide_label == [("softmax_label", (4,))]
    assert seen(made) == [([0, 1, 2, 3], 0), ([4, 5, 0, 1], 2)]
    made.reset()
    assert seen(made) == [([2, 3, 4, 5], 0)]
    made.reset()
    made.next()
    made.reset()
    assert seen(made)[0] == ([0, 1, 2, 3], 0)


def test_a_reset_before_the_first_batch_changes_nothing(path):
    made = batches(path, batch_size=1)
    made.reset()
    assert [label for (label,), _ in seen(made)] == list(range(COUNT))


def test_epochs_that_are_not_rounded(path):
    made = batches(path, round_batch=False)
    for _ in range(2):
        assert seen(made) == [([0, 1, 2, 3], 0), ([4, 5, 0, 0], 0)]
        made.reset()
    made = batches(path, io.ImageRecordIter_v1, round_batch=False)
    assert seen(made) == [([0, 1, 2, 3], 0), ([4, 5, 2, 3], 2)]
    made.reset()
    assert made.next().index.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("threads", [1, 3])
def test_what_is_drawn_does_not_depend_on_threads(path, threads):
    options = {"shuffle": True, "seed": 4, "rand_crop": True, "rand_mirror": True}
    made = batches(path, preprocess_threads=threads, batch_size=3, **options)
    alone = batches(path, preprocess_threads=2, batch_size=3, prefetch_buffer=0, **options)
    orders = []
    for _ in range(2):
        order = []
        for one, other in zip(made, alone, strict=True):
            assert np.array_equal(one.data[0].asnumpy(), other.data[0].asnumpy())
            order += one.label[0].asnumpy().tolist()
        orders.append(order)
        made.reset()
        alone.reset()
    assert sorted(orders[0]) == list(range(COUNT))
    assert orders[0] != orders[1]


def test_a_seed_for_augmentation_repeats_it_every_epoch(path):
    options = {
        "rand_crop": True,
        "rand_mirror": True,
        "max_random_scale": 1.3,
        "max_random_illumination": 3,
        "max_rotate_angle": 10,
        "random_l": 50,
        "random_s": 40,
        "random_h": 10,
        "max_shear_ratio": 2,
        "pca_noise": 0.1,
        "brightness": 0.2,
        "contrast": 0.2,
        "saturation": 0.2,
        "batch_size": 3,
    }
    made = batches(path, seed_aug=3, **options)
    epochs = []
    for _ in range(2):
        epochs.append(np.concatenate([batch.data[0].asnumpy() for batch in made]))
        made.reset()
    assert np.array_equal(*epochs)
    other = batches(path, seed_aug=4, **options)
    assert not np.array_equal(epochs[0][:3], other.next().data[0].asnumpy())


def test_parts_and_index(path):
    parts = [seen(batches(path, num_parts=3, part_index=i, batch_size=2)) for i in range(3)]
    assert parts == [[([0, 1], 0)], [([2, 3], 0)], [([4, 5], 0)]]
    index = path.replace(".rec", ".idx")
    assert seen(batches(path, path_imgidx=index)) == seen(batches(path))
    with pytest.raises(ParameterError, match="part_index 3"):
        batches(path, num_parts=3, part_index=3)


# ---- pixels ---------------------------------------------------------------------------------


def test_the_middle_of_each_image(path):
    expected = CENTRES[:4]
    assert np.array_equal(first(path), expected)
    mirrored = first(path, mirror=True)
    assert np.array_equal(mirrored, expected[..., ::-1])
    raw = batches(path, io.ImageRecordUInt8Iter, mean_r=9, scale=0.5).next().data[0]
    assert raw.dtype is np.uint8
    assert np.array_equal(raw.asnumpy(), expected)
    small = batches(path, io.ImageRecordInt8Iter, mean_r=100, mean_g=100, mean_b=100).next()
    assert small.data[0].dtype is np.int8
    assert np.array_equal(small.data[0].asnumpy(), np.clip(expected - 100.0, -128, 127))
    assert batches(path, dtype="float16").next().data[0].dtype is np.float16


def test_normalization(path):
    made = first(path, mean_r=10, mean_g=20, mean_b=30, std_r=2.0, std_b=4, scale="0.5")
    expected = CENTRES[:4].astype("float32")
    expected -= np.array([10, 20, 30]).reshape(3, 1, 1)
    expected *= np.array([0.25, 0.5, 0.125]).reshape(3, 1, 1)
    np.testing.assert_allclose(made, expected, rtol=1e-6)


def test_a_mean_image_is_made_once(path, tmp_path):
    name = str(tmp_path / "mean.bin")
    made = first(path, mean_img=name)
    mean = nd.load(name)["mean_img"].asnumpy()
    np.testing.assert_allclose(mean, CENTRES.mean(0), rtol=1e-5)
    np.testing.assert_allclose(made, CENTRES[:4] - mean, rtol=1e-5, atol=1e-4)
    nd.save(name, nd.full((3, 20, 20), 7.0))
    assert np.array_equal(first(path, mean_img=name), CENTRES[:4] - 7.0)
    nd.save(name, nd.ones((3, 5, 5)))
    with pytest.raises(DataFileError, match="mean image"):
        batches(path, mean_img=name)


def test_one_channel_and_four(path, tmp_path):
    assert first(path, data_shape=(1, 12, 14)).shape == (4, 1, 12, 14)
    with pytest.raises(DataFileError, match=r"record 0: Expected 4 channels, got 3"):
        batches(path, data_shape=(4, 12, 14))
    with pytest.raises(MXNetError, match="Invalid output shape"):
        batches(path, data_shape=(5, 28, 28))
    pillow = pytest.importorskip("PIL.Image")
    record = recordio.MXRecordIO(tmp_path / "rgba.rec", "w")
    pixels = np.concatenate([NOISE[0], NOISE[1, ..., :1]], axis=2)
    pillow.fromarray(pixels).save(tmp_path / "a.png")
    record.write(recordio.pack((0, 1.0, 0, 0), (tmp_path / "a.png").read_bytes()))
    record.close()
    made = first(str(tmp_path / "rgba.rec"), data_shape=(4, 12, 14), batch_size=1, random_l=1)
    assert np.array_equal(made[0, 3], pixels[4:16, 5:19, 3])


def test_sizes(path):
    for options in (
        {"resize": 40},
        {"resize": 14, "inter_method": 9},
        {"data_shape": (3, 40, 50)},
        {"rand_crop": True, "pad": 3},
        {"max_crop_size": 16, "min_crop_size": 10},
        {"random_resized_crop": True, "min_random_area": 0.2, "max_aspect_ratio": 0.3},
        {"rotate": 30},
        {"rotate_list": "10,20", "inter_method": 10},
        {"min_img_size": 30.0},
        {"max_img_size": 16.0},
        {"max_aspect_ratio": 0.25, "max_shear_ratio": 0.1},
    ):
        made = first(path, **options)
        assert made.shape == (4, *options.get("data_shape", SIZE))
        assert np.isfinite(made).all()


# ---- labels ---------------------------------------------------------------------------------


def test_labels_of_several_numbers(tmp_path, path):
    write(tmp_path / "two.rec", NOISE[:4], label=[3.0, 4.0])
    made = batches(str(tmp_path / "two.rec"), label_width=2)
    assert made.provide_label == [("softmax_label", (4, 2))]
    assert made.next().label[0].asnumpy()[1].tolist() == [3, 4]
    with pytest.raises(ShapeError, match="2-dimensional label"):
        batches(str(tmp_path / "two.rec"))
    (tmp_path / "all.lst").write_text("".join(f"{i}\t{10 * i}\tx.png\n" for i in range(COUNT)))
    listed = batches(path, path_imglist=str(tmp_path / "all.lst"))
    assert seen(listed)[0] == ([0, 10, 20, 30], 0)
    (tmp_path / "few.lst").write_text("0\t1\tx.png\n")
    with pytest.raises(DataFileError, match="image 1 is not in the list"):
        batches(path, path_imglist=str(tmp_path / "few.lst"))
    with pytest.raises(ShapeError, match="1 labels instead of 2"):
        batches(path, path_imglist=str(tmp_path / "few.lst"), label_width=2)
    (tmp_path / "bad.lst").write_text("0\t1\tx.png\nx\t1\tx.png\n")
    with pytest.raises(DataFileError, match="line 2"):
        batches(path, path_imglist=str(tmp_path / "bad.lst"))


# ---- what makes no sense ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"path_imgrec": ""}, ParameterError, "no records"),
        ({"path_imgrec": "/no/such.rec"}, StorageError, "cannot open"),
        ({"path_imglist": "/no/such.lst"}, StorageError, "image list"),
        ({"batch_size": 0}, ParameterError, "batch_size"),
        ({"inter_method": 7}, ParameterError, "inter_method 7"),
        ({"resize": "x"}, ParameterError, "resize is 'x', not int"),
        ({"random_resized_crop": True, "rand_crop": 1}, ParameterError, "conflicts"),
        ({"random_resized_crop": True, "max_aspect_ratio": 2}, ParameterError, "aspect"),
        ({"min_crop_size": 9, "max_crop_size": 3}, ParameterError, "above the largest"),
        ({"max_crop_size": 30, "min_crop_size": 30}, ShapeError, "max_crop_size"),
        ({"max_img_size": 0.5}, ShapeError, "warped to 0 x 0"),
    ],
)
def test_options_that_make_no_sense(path, options, error, says):
    with pytest.raises(error, match=says):
        batches(path, **options)


def test_an_unknown_option_is_named(path):
    with pytest.warns(UserWarning, match="ImageRecordIter ignores and_mirror"):
        batches(path, and_mirror=False)


@pytest.mark.parametrize("offset", [-4, 3, 10**30])
def test_an_index_of_another_file_is_refused(path, tmp_path, offset):
    (tmp_path / "bad.idx").write_text(f"0\t{offset}\n")
    with pytest.raises(DataFileError, match=r"all\.rec"):
        batches(path, path_imgidx=str(tmp_path / "bad.idx"), batch_size=1)


def test_a_record_that_is_no_image_is_named(tmp_path):
    pytest.importorskip("PIL")
    record = recordio.MXRecordIO(tmp_path / "bad.rec", "w")
    record.write(recordio.pack((0, 1.0, 0, 0), b"no image"))
    record.close()
    with pytest.raises(DataFileError, match=r"bad\.rec, record 0: .*no image"):
        batches(str(tmp_path / "bad.rec"))


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_mutated_files_never_crash(path, tmp_path_factory, data):
    content = bytearray(Path(path).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    mutated = tmp_path_factory.mktemp("mutated") / "all.rec"
    mutated.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        for batch in batches(str(mutated), preprocess_threads=1):
            assert batch.data[0].shape == (4, *SIZE)
    except MXNetError:
        return
