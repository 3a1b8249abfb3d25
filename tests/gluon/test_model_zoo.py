"""The zoo: how networks are found, loaded and refused. Their numbers are in tests/golden."""

from __future__ import annotations

import hashlib
import zipfile

import numpy as np
import pytest

import workbench as mx
from workbench.gluon._download import DownloadError
from workbench.gluon.model_zoo import model_store, vision
from workbench.gluon.utils import check_sha1


def test_an_unknown_name_lists_those_that_there_are():
    with pytest.raises(ValueError, match=r"(?s)resnet19.*mobilenetv2_0\.25.*vgg19_bn"):
        vision.get_model("resnet19")
    assert type(vision.get_model("AlexNet", classes=3)) is vision.AlexNet


@pytest.mark.parametrize(
    "call",
    [
        lambda: vision.get_resnet(3, 18),
        lambda: vision.get_resnet(1, 19),
        lambda: vision.squeezenet.get_squeezenet("2.0"),
        lambda: vision.ResNetV1(vision.BasicBlockV1, [2, 2], [64, 64]),
        lambda: vision.VGG([1], [64, 128]),
    ],
)
def test_what_no_network_is_like_is_refused(call):
    with pytest.raises(AssertionError):
        call()


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A mirror without files, and an empty folder for models."""
    monkeypatch.setenv("MXNET_GLUON_REPO", (tmp_path / "mirror").as_uri())
    monkeypatch.setenv("MXNET_HOME", str(tmp_path / "home"))
    return tmp_path


def test_parameters_that_cannot_be_fetched_say_how_to_load_a_file(repository):
    with pytest.raises(DownloadError) as caught:
        vision.get_model("squeezenet1.1", pretrained=True)
    text = str(caught.value)
    assert "squeezenet1.1-33ba0f93.params" in text
    assert "net.load_parameters(" in text
    assert "MXNET_GLUON_REPO" in text
    assert not list((repository / "home" / "models").iterdir())


def test_parameters_are_fetched_once_and_loaded(repository, monkeypatch, capsys):
    net = vision.squeezenet1_1(classes=2)
    net.initialize(mx.init.Xavier())
    x = mx.nd.ones((1, 3, 224, 224))
    small = net.features[:3](x)
    file = repository / "net.params"
    net(x)
    net.save_parameters(str(file))
    digest = hashlib.sha1(file.read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setitem(model_store._model_sha1, "squeezenet1.1", digest)
    name = f"squeezenet1.1-{digest[:8]}"
    assert model_store.short_hash("squeezenet1.1") == digest[:8]
    folder = repository / "mirror" / "gluon" / "models"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
        archive.write(file, f"{name}.params")
    again = vision.squeezenet1_1(classes=2, pretrained=True)
    assert "Downloading" in capsys.readouterr().out
    np.testing.assert_array_equal(again.features[:3](x).asnumpy(), small.asnumpy())
    path = model_store.get_model_file("squeezenet1.1")
    assert capsys.readouterr().out == ""
    assert check_sha1(path, digest)
    model_store.purge()
    assert not list((repository / "home" / "models").glob("*.params"))


def test_a_name_without_parameters_is_refused():
    with pytest.raises(ValueError, match="resnet19"):
        model_store.get_model_file("resnet19")


@pytest.mark.parametrize("make", [vision.resnet18_v2, vision.mobilenet_v2_0_25])
def test_a_network_learns(make):
    mx.random.seed(0)
    net = make(classes=2)
    net.initialize(mx.init.Xavier())
    net.hybridize()
    x, y = mx.nd.random.normal(shape=(2, 3, 32, 32)), mx.nd.array([0, 1])
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
    loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    losses = []
    for _ in range(4):
        with mx.autograd.record():
            value = loss(net(x), y)
        value.backward()
        trainer.step(2)
        losses.append(value.mean().asscalar())
    assert losses[-1] < losses[0]


def test_a_densenet_may_drop_out():
    net = vision.DenseNet(4, 2, [1, 1], dropout=0.5, classes=2)
    assert "Dropout(p = 0.5" in repr(net)
