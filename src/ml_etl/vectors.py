"""What encoders give: a matrix of unit vectors, what they were made by, and what it took."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ml_etl.errors import ContractError

_LISTED, _SHOWN = 10, 80

NO_FILE = "no such file"
"""The reason given for an image that is not there."""


@dataclass(frozen=True)
class ModelCard:
    """Which model made a matrix. `revision` pins a hub model; `weights_sha256` pins any.

    `architecture` names one of open_clip's own descriptions, where the checkpoint has none beside it.
    """

    kind: str
    model: str
    revision: str | None
    weights_sha256: str
    backend: str
    precision: str
    pooling: str
    preprocessing: str
    dim: int
    architecture: str | None = None


@dataclass(frozen=True)
class Encoded:
    """Row i of `vectors` (float32, C order, unit length) belongs to item i of what was asked.

    A row of an item in `problems` (position → reason) is all zero. `effort` holds counts (`asked`,
    `distinct`, `cached`, `encoded`), seconds (`seconds`, `loading` of them for the model) and the rate
    `per_second`: for metrics, never for artefacts.
    """

    vectors: np.ndarray
    problems: dict[int, str] = field(default_factory=dict)
    effort: dict[str, float] = field(default_factory=dict)


class Encoder(Protocol):
    """Texts or image files to unit vectors; equal contents are encoded once, and kept."""

    @property
    def card(self) -> ModelCard: ...

    def encode(self, items: Sequence[Any]) -> Encoded: ...


def require_few_problems(encoded: Encoded, items: Sequence[Any], max_share: float, what: str) -> None:
    """Stop when too many of the items can't be encoded; `items` are named in the message.

    Raises:
        ContractError: the share is above `max_share`; with the counts by reason and the first items.
    """
    problems, asked = encoded.problems, len(items)
    if len(problems) <= max_share * asked:
        return
    counts = Counter(problems.values()).most_common(_LISTED)
    first = [f"  {str(items[i])[:_SHOWN]}: {problems[i]}" for i in sorted(problems)[:_LISTED]]
    raise ContractError(
        f"{what}: {len(problems):,} of {asked:,} can't be encoded ({len(problems) / asked:.1%}), at most "
        f"{max_share:.1%} may be: {', '.join(f'{count:,} {reason}' for reason, count in counts)}. First:\n"
        + "\n".join(first)
        + "\nMend them in the source, or raise the share in the parameters."
    )
