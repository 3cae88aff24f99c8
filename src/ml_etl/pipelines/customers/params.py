"""Parameters of customers; units are in the names, reasons in conf/base/parameters/customers.yml."""

import itertools
from typing import Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from ml_etl.parameters import Digits

SegmentName = Literal[
    "Champions",
    "Loyal Customers",
    "Potential Loyalists",
    "New Customers",
    "Promising",
    "Need Attention",
    "About To Sleep",
    "At Risk",
    "Can't Lose Them",
    "Hibernating",
    "Lost",
]
SEGMENT_NAMES: tuple[str, ...] = get_args(SegmentName)
Score = Literal[1, 2, 3, 4, 5]
_ALL: tuple[Score, ...] = (1, 2, 3, 4, 5)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Cells(_Strict):
    """A block of RFM cells: every combination of these scores; a score left out means all five."""

    r: tuple[Score, ...] = _ALL
    f: tuple[Score, ...] = _ALL
    m: tuple[Score, ...] = _ALL

    @property
    def scores(self) -> list[str]:
        """The cells' scores, as in rfm_score: "545"."""
        return ["".join(map(str, cell)) for cell in itertools.product(self.r, self.f, self.m)]


class SegmentParams(_Strict):
    """How customers are clustered, and when they are too few for it."""

    smallest_k: PositiveInt
    largest_k: PositiveInt
    min_buyers_per_segment: PositiveInt
    sample_customers: PositiveInt
    silhouette_customers: PositiveInt
    bootstraps: PositiveInt
    stability_tolerance: NonNegativeFloat
    seed: int

    @model_validator(mode="after")
    def _ordered(self) -> "SegmentParams":
        if self.smallest_k > self.largest_k:
            raise ValueError(f"smallest_k {self.smallest_k} is above largest_k {self.largest_k}")
        if self.largest_k > self.sample_customers:
            raise ValueError(f"largest_k {self.largest_k} is above sample_customers {self.sample_customers}")
        return self


class ValueParams(_Strict):
    """When BG/NBD and Gamma-Gamma are fitted, and the bounds that no parameter may run to."""

    min_repeat_customers: PositiveInt
    min_history_days: PositiveInt
    smallest_parameter: PositiveFloat
    largest_parameter: PositiveFloat
    sample_customers: PositiveInt
    seed: int
    significant_digits: Digits


class OrderParams(_Strict):
    """Which payment statuses count as returned and as pending; compared in lower case."""

    returned_statuses: tuple[str, ...]
    pending_statuses: tuple[str, ...]


class CustomersParams(_Strict):
    """All of it; `min_share_of_previous` guards against a shop that lost rows."""

    undated_customers: Literal["from_first_purchase", "known"]
    postal_key_id: str | None
    min_share_of_previous: NonNegativeFloat
    orders: OrderParams
    rfm_segments: dict[SegmentName, tuple[Cells, ...]] = Field(min_length=1)
    segments: SegmentParams
    value: ValueParams

    @model_validator(mode="after")
    def _covered_once(self) -> "CustomersParams":
        """Each of the 125 cells has exactly one of the eleven names, and each name a cell."""
        found: dict[str, list[str]] = {"".join(map(str, c)): [] for c in itertools.product(_ALL, repeat=3)}
        for name, scores in self.named_scores.items():
            for score in scores:
                found[score].append(name)
        wrong = [f"{cell}: {' and '.join(n) or 'no name'}" for cell, n in found.items() if len(n) != 1]
        unused = [name for name in SEGMENT_NAMES if not self.named_scores.get(name)]
        if wrong or unused:
            raise ValueError(
                f"customers.rfm_segments: expected one name for each of the 125 cells; came "
                f"{len(wrong)} other ({'; '.join(wrong[:3])}); names without a cell: {unused}"
            )
        return self

    @property
    def named_scores(self) -> dict[str, list[str]]:
        """Per segment its RFM scores."""
        return {
            name: [s for block in blocks for s in block.scores] for name, blocks in self.rfm_segments.items()
        }
