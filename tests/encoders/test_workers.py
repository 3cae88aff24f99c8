"""Batches side by side: in order, each by one thread, whatever the number of cores."""

import threading
from pathlib import Path

import pytest

from ml_etl.encoders.settings import ModelSettings
from ml_etl.encoders.text_encoder import text_encoder
from ml_etl.encoders.torch_library import torch
from ml_etl.encoders.workers import cores, on_all_cores
from tests.encoders import sentences


def test_what_is_made_comes_in_the_order_of_the_batches() -> None:
    """The first batch waits until the second is done: two are worked on at once."""
    done = threading.Event()

    def work(batch: int) -> tuple[int, int, bool]:
        assert done.wait(60) if batch == 0 else not done.set()
        return batch * 10, torch().get_num_threads(), torch().is_inference_mode_enabled()

    assert on_all_cores(work, [0, 1, 2], "cpu", 2) == [(0, 1, True), (10, 1, True), (20, 1, True)]


def test_other_devices_take_one_batch_after_the_other() -> None:
    seen: list[int] = []
    assert on_all_cores(seen.append, range(20), "cuda", 4) == [None] * 20
    assert seen == list(range(20))


def test_what_fails_in_one_batch_is_told() -> None:
    with pytest.raises(ZeroDivisionError):
        on_all_cores(lambda batch: 1 // batch, [1, 0, 2], "cpu", 2)


def test_cores_are_those_set_else_those_there() -> None:
    assert cores(3) == 3
    assert cores(None) >= 1


def test_vectors_do_not_depend_on_the_cores(tmp_path: Path) -> None:
    folder = sentences.save_model(tmp_path / "model")
    texts = [f"text {'long ' * (number % 9)}{number}" for number in range(60)]

    def encoded(threads: int) -> bytes:
        settings = ModelSettings(model=str(folder), precision="fp32", threads=threads)
        return text_encoder(settings, None, None).encode(texts).vectors.tobytes()

    assert encoded(1) == encoded(2) == encoded(5)
