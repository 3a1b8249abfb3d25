"""BLAS's threads are divided among the devices that work at the same time."""

from __future__ import annotations

import threading

import workbench as mx
from workbench.backend import cores as room
from workbench.backend.cores import Cores
from workbench.engine import Engine


class Blas:
    def __init__(self, threads):
        self.threads, self.told = threads, []

    def found(self):
        return (lambda: self.threads), self.told.append


def test_devices_get_equal_parts_and_one_alone_gets_all():
    blas = Blas(8)
    cores = Cores(blas.found)
    cores.share(2)
    assert blas.told == []  # nobody has looked for BLAS yet
    cores.prepare()
    for devices in (1, 2, 2, 3, 20, 1):
        cores.share(devices)
    assert blas.told == [4, 2, 1, 8]


def test_where_there_is_nothing_to_divide_nothing_is_done():
    blas = Blas(1)
    cores = Cores(blas.found)
    cores.prepare()
    cores.share(2)
    assert blas.told == []
    none = Cores(lambda: None)
    none.prepare()
    none.share(2)


def test_the_engine_says_how_many_devices_work():
    told = []
    engine = Engine(on_devices=told.append)
    go = threading.Event()
    engine.push(go.wait, ctx=mx.cpu(1))
    assert told == [0, 2]
    go.set()
    engine.wait_all()
    assert told == [0, 2, 1]
    engine.push(lambda: None, ctx=mx.cpu(1))
    engine.wait_all()
    assert told == [0, 2, 1, 2, 1]  # the first use of a device is told once
    engine.close()


def test_the_library_that_numpy_brings_is_found():
    found = room._openblas()
    if found is None:  # threadpoolctl is optional
        return
    read, tell = found
    before = read()
    try:
        tell(1)
        assert read() == 1
    finally:
        tell(before)
    assert read() == before


def test_products_on_two_devices_are_right():
    a = mx.nd.array([[1.0, 2.0], [3.0, 4.0]])
    b = a.as_in_context(mx.cpu(1))
    for _ in range(5):
        one, other = mx.nd.dot(a, a), mx.nd.dot(b, b)
    assert one.asnumpy().tolist() == other.asnumpy().tolist() == [[7, 10], [15, 22]]
    mx.nd.waitall()
    assert room.cores.ready
