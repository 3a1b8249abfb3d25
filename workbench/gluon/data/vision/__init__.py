"""Image datasets and transforms; ``transforms`` are loaded on first use."""

from ...._surface import getattr_for
from . import datasets
from .datasets import (
    CIFAR10,
    CIFAR100,
    MNIST,
    FashionMNIST,
    ImageFolderDataset,
    ImageRecordDataset,
)

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "MNIST",
    "FashionMNIST",
    "ImageFolderDataset",
    "ImageRecordDataset",
    "datasets",
]

__getattr__ = getattr_for(__name__)
