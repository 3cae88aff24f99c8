"""Which numbers a model computes in: float32, or bfloat16 where that is faster and right."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ml_etl.encoders.processor import has_bf16, processor
from ml_etl.encoders.torch_library import device_of, torch
from ml_etl.errors import UsageError
from ml_etl.files import write_json

PRECISIONS = ("auto", "fp32", "bf16")
LEAST_COSINE = 0.999

Probe = Callable[[str], np.ndarray]
"""A precision to unit vectors of a small fixed set of contents."""


def decided(setting: str, weights_sha256: str, device: str, record: Path | None, probe: Probe) -> str:
    """fp32 or bf16: as set, or for auto by one check per machine and model, kept in `record`.

    auto takes bf16 where the processor has it and every vector of the probe has a cosine of at least 0.999
    with its own in float32.
    """
    if setting not in PRECISIONS:
        raise UsageError(f"encoders precision: expected one of {', '.join(PRECISIONS)}, came {setting}.")
    if setting != "auto":
        return setting
    where = f"{weights_sha256} on {processor()}, device {device}"
    known = _read(record)
    if where not in known:
        known = known | {where: _checked(device, probe)}
        if record:
            with contextlib.suppress(
                OSError
            ):  # then it is decided again; what can't be written is told later
                write_json(record, known)
    return str(known[where]["precision"])


def _checked(device: str, probe: Probe) -> dict[str, Any]:
    if not _has_bf16(device_of(device)):
        return {"precision": "fp32", "why": "no bfloat16"}
    cosine = float(cosines(probe("fp32"), probe("bf16")).min())
    precision = "bf16" if cosine >= LEAST_COSINE else "fp32"  # not where it is NaN, either
    return {"precision": precision, "why": f"least cosine {cosine:.6f}"}


def cosines(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of each row with the same row of the other matrix."""
    one, other = rows.astype(np.float64), others.astype(np.float64)
    return np.sum(one * other, axis=1) / (np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1))


def _has_bf16(device: str) -> bool:
    if device == "cuda":
        return bool(torch().cuda.is_bf16_supported(including_emulation=False))
    return device == "cpu" and has_bf16()


def _read(record: Path | None) -> dict[str, Any]:
    try:
        return json.loads(record.read_text("utf-8")) if record else {}
    except (OSError, ValueError):
        return {}
