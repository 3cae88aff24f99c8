"""A release of timeseries, day by day: what it stores are only the days with a sale.

from ml_etl import released
from ml_etl.timeseries import dense, features

release = released("timeseries")
dense(release, level="article", unique_ids=["1029743"]).to_pandas()
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis.expr.types as ir
from ibis import _

from ml_etl.errors import UsageError
from ml_etl.pipelines.timeseries import dense as days
from ml_etl.pipelines.timeseries import features as known

if TYPE_CHECKING:
    from ml_etl.store.reader import ReleasedDataset


def dense(
    release: "ReleasedDataset", level: str | None = None, unique_ids: Sequence[str] | None = None
) -> ir.Table:
    """One row per series and day from its first to its last, lazily; 0 where nothing was sold.

    Columns are those of the main table and the masks `shop_closed`, `after_last_sale`, `out_of_stock`.
    Without `level` or `unique_ids` it is every series: 17 million rows of the demo shop.
    """
    series = _chosen(release, level, unique_ids)
    return days.densify(release.read(), series, release.read("promo"), release.read("calendar"))


def features(
    release: "ReleasedDataset",
    horizon: int,
    level: str | None = None,
    unique_ids: Sequence[str] | None = None,
    half_life: float = 7,
) -> ir.Table:
    """Features of every day that know sales up to `horizon` days before it, lazily; see its columns in the
    data dictionary. `y` is null in the `horizon` days after the last one.

    Raises:
        UsageError: the release's calendar does not go so far ahead.
    """
    series, calendar = _chosen(release, level, unique_ids), release.read("calendar")
    ahead = calendar.filter(_.shop_closed.isnull()).count().execute()
    if not 1 <= horizon <= ahead:
        raise UsageError(
            f"features: expected a horizon of 1 to {ahead} days, which the calendar knows, came {horizon}. "
            f"Release with a larger timeseries.forecasts.horizon_days to go further."
        )
    return known.features(release.read(), series, calendar, horizon, half_life)


def _chosen(release: "ReleasedDataset", level: str | None, unique_ids: Sequence[str] | None) -> ir.Table:
    series = release.read("series")
    if level is not None:
        series = series.filter(_.level == level)
    return series if unique_ids is None else series.filter(_.unique_id.isin(list(unique_ids)))
