"""When bfloat16 is taken."""

import json
from pathlib import Path

import numpy as np
import pytest

from ml_etl.encoders import precision, processor
from ml_etl.errors import UsageError


class Probe:
    """Vectors in float32, and in bfloat16 turned away from them by an angle; counts its calls."""

    def __init__(self, cosine: float):
        self._cosine = cosine
        self.calls: list[str] = []

    def __call__(self, asked: str) -> np.ndarray:
        self.calls.append(asked)
        turned = [self._cosine, np.sqrt(1 - self._cosine**2)] if asked == "bf16" else [1.0, 0.0]
        return np.array([[3.0, 0.0], turned], np.float32)


@pytest.fixture
def with_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "has_bf16", lambda: True)


@pytest.mark.usefixtures("with_bf16")
@pytest.mark.parametrize(
    ("cosine", "chosen"), [(0.9999, "bf16"), (0.9991, "bf16"), (0.9989, "fp32"), (float("nan"), "fp32")]
)
def test_auto_takes_bf16_where_it_is_as_right(tmp_path: Path, cosine: float, chosen: str) -> None:
    assert precision.decided("auto", "a" * 64, "cpu", tmp_path / "record.json", Probe(cosine)) == chosen


@pytest.mark.usefixtures("with_bf16")
def test_it_is_decided_once_per_model_and_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record, probe = tmp_path / "record.json", Probe(0.9999)
    for weights in ("a" * 64, "a" * 64, "b" * 64, "a" * 64):
        assert precision.decided("auto", weights, "cpu", record, probe) == "bf16"
    assert len(probe.calls) == 4  # two models, each in both precisions
    monkeypatch.setattr(precision, "processor", lambda: "another processor")
    precision.decided("auto", "a" * 64, "cpu", record, probe)
    assert len(probe.calls) == 6
    assert {entry["precision"] for entry in json.loads(record.read_text()).values()} == {"bf16"}


def test_without_the_instructions_nothing_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "has_bf16", lambda: False)
    probe = Probe(1.0)
    assert precision.decided("auto", "a" * 64, "cpu", tmp_path / "record.json", probe) == "fp32"
    assert probe.calls == []


def test_what_is_set_is_not_questioned() -> None:
    probe = Probe(0.5)
    assert precision.decided("bf16", "a" * 64, "cpu", None, probe) == "bf16"
    assert precision.decided("fp32", "a" * 64, "cpu", None, probe) == "fp32"
    assert probe.calls == []
    with pytest.raises(UsageError, match="auto, fp32, bf16"):
        precision.decided("int8", "a" * 64, "cpu", None, probe)


def test_a_torn_record_is_decided_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "has_bf16", lambda: True)
    record = tmp_path / "record.json"
    record.write_text('{"a": ')
    assert precision.decided("auto", "a" * 64, "cpu", record, Probe(1.0)) == "bf16"
    assert len(json.loads(record.read_text())) == 1


@pytest.mark.parametrize(
    ("told", "has"),
    [
        ("model name\t: A processor\nflags\t\t: fpu avx512f avx512_bf16 rdpid\n", True),
        ("model name\t: A processor\nflags\t\t: fpu avx512f avx512_vnni rdpid\n", False),
        ("Features\t: fp asimd bf16 i8mm\n", True),
        ("processor\t: 0\n", False),
    ],
)
def test_the_processor_is_read_from_what_the_system_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, has: bool
) -> None:
    (tmp_path / "cpuinfo").write_text(told)
    monkeypatch.setattr(processor, "_CPUINFO", tmp_path / "cpuinfo")
    assert processor.has_bf16.__wrapped__() is has
    if "model name" in told:
        assert processor.processor.__wrapped__() == "A processor"
