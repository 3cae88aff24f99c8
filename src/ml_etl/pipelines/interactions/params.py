"""Parameters of interactions; units are in the names, reasons in conf/base/parameters/interactions.yml."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt

from ml_etl.errors import UsageError
from ml_etl.parameters import Day, Days, Windows

Score = Literal[
    "score_exponential",
    "score_half_life_7",
    "score_half_life_30",
    "score_half_life_90",
    "score_half_life_180",
    "score_reciprocal",
    "score_hyperbolic",
    "score_trend",
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class WeightParams(_Strict):
    """`weight` = Σ signal's weight × 2^(−age / half_life_days)."""

    half_life_days: PositiveFloat
    purchase: NonNegativeFloat
    view: NonNegativeFloat
    click: NonNegativeFloat
    wishlist: NonNegativeFloat
    cart: NonNegativeFloat


class SplitParams(_Strict):
    """The last `test_days` are test, the `validation_days` before them validation; dates overrule both."""

    validation_days: Days
    test_days: Days
    validation_from: Day | None = None
    test_from: Day | None = None

    def cuts(self, as_of: dt.date) -> tuple[dt.date, dt.date]:
        """First day of validation, first day of test; one day for both leaves validation empty.

        Raises:
            UsageError: test would begin first, and validation look into it.
        """
        test = self.test_from or as_of - dt.timedelta(days=self.test_days)
        validation = self.validation_from or test - dt.timedelta(days=self.validation_days)
        if validation > test:
            raise UsageError(
                f"interactions.splits: expected validation_from no later than test_from, came {validation} "
                f"and {test}. Give both days, validation_from first, or neither."
            )
        return validation, test


class PopularityParams(_Strict):
    """Windows count back from the as-of; the decayed count covers the longest one."""

    weeks: Windows = Field(min_length=1)
    half_life_days: PositiveFloat


class AlsoBoughtParams(_Strict):
    """Pairs of articles bought together in at least `min_support` units, the `top` best per article."""

    min_support: PositiveInt
    top: PositiveInt
    max_items_per_unit: PositiveInt


class InteractionsParams(_Strict):
    """All of it; `min_share_of_previous` guards against a shop that lost rows.

    `lines_per_block`: purchase lines that are grouped at a time, which is what bounds the memory.
    """

    default_score: Score
    matrix_value: Literal["purchase_count", "unit_count", "weight", "score"]
    min_share_of_previous: NonNegativeFloat
    lines_per_block: PositiveInt
    weight: WeightParams
    splits: SplitParams
    popularity: PopularityParams
    also_bought: AlsoBoughtParams
