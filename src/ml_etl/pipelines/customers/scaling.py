"""The space customers are clustered in: log1p of counts and money, each column standardised."""

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

LOGGED = ("recency_days", "frequency", "monetary", "lines_per_day", "distinct_articles")
AS_THEY_ARE = ("discount_share", "product_type_entropy")
FEATURES = (*LOGGED, *AS_THEY_ARE)


def clustered_features(features: ir.Table) -> ir.Table:
    """The end of the lazy part, one row per buyer: FEATURES as doubles, by customer_id."""
    return (
        features.filter(_.frequency.notnull())
        .select(
            "customer_id",
            recency_days=_.recency_days.cast("float64"),
            frequency=_.frequency.cast("float64"),
            monetary=_.monetary.cast("float64"),
            lines_per_day=_.transaction_count_lifetime / _.frequency,
            distinct_articles=_.distinct_articles_lifetime.cast("float64"),
            discount_share=_.discount_share,
            product_type_entropy=_.product_type_entropy,
        )
        .order_by("customer_id")
    )


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of each used feature, in the space of `logged`."""

    features: tuple[str, ...]
    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def of(cls, buyers: pd.DataFrame) -> "Scale":
        """From all buyers; a feature that is null or the same for all tells nothing and is left out."""
        spreads = {name: logged(buyers, name) for name in FEATURES}
        used = {n: c for n, c in spreads.items() if np.isfinite(c).any() and np.nanstd(c) > 1e-9}
        mean = np.array([np.nanmean(column) for column in used.values()])
        return cls(tuple(used), mean, np.array([np.nanstd(column) for column in used.values()]))

    def points(self, buyers: pd.DataFrame) -> np.ndarray:
        """float64 (buyers, features): standardised; what is null for a buyer lies at the mean, 0."""
        columns = [logged(buyers, name) for name in self.features]
        found = (np.column_stack(columns) - self.mean) / self.std if columns else np.zeros((len(buyers), 0))
        return np.nan_to_num(found, nan=0.0)


def logged(buyers: pd.DataFrame, name: str) -> np.ndarray:
    """The feature's column in the space it is clustered in; NaN where null."""
    column = buyers[name].to_numpy(dtype=float)
    return np.log1p(np.maximum(column, 0)) if name in LOGGED else column
