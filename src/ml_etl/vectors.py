"""What encoders give: a matrix of unit vectors, what they were made by, and what it took."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np


@dataclass(frozen=True)
class ModelCard:
    """Which model made a matrix. `revision` pins a hub model; `weights_sha256` pins any."""

    kind: str
    model: str
    revision: str | None
    weights_sha256: str
    backend: str
    precision: str
    pooling: str
    preprocessing: str
    dim: int


@dataclass(frozen=True)
class Encoded:
    """Row i of `vectors` (float32, C order, unit length) belongs to item i of what was asked.

    A row of an item in `problems` (position → reason) is all zero. `effort` holds counts and seconds
    (`asked`, `distinct`, `cached`, `encoded`, `seconds`, `per_second`): for metrics, never for artefacts.
    """

    vectors: np.ndarray
    problems: dict[int, str] = field(default_factory=dict)
    effort: dict[str, float] = field(default_factory=dict)


class Encoder(Protocol):
    """Texts or image files to unit vectors; equal contents are encoded once, and kept."""

    @property
    def card(self) -> ModelCard: ...

    def encode(self, items: Sequence[Any]) -> Encoded: ...
