"""Parameters that can't be meant are refused before anything is read."""

import math
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from ml_etl.clickstream.params import Clickstream
from ml_etl.pipelines.articles.params import ArticlesParams
from ml_etl.pipelines.customers.params import CustomersParams
from ml_etl.pipelines.events.params import EventsParams
from ml_etl.pipelines.interactions.params import InteractionsParams
from ml_etl.pipelines.reviews.params import ReviewsParams
from ml_etl.pipelines.timeseries.params import TimeseriesParams
from tests.clicks.place import configuration

MODELS: dict[str, type[BaseModel]] = {
    "articles": ArticlesParams,
    "clickstream": Clickstream,
    "customers": CustomersParams,
    "events": EventsParams,
    "interactions": InteractionsParams,
    "reviews": ReviewsParams,
    "timeseries": TimeseriesParams,
}


def refused(parameter: str, value: Any) -> str:
    """What is said of conf/base with another value for `dataset.path.to.parameter`."""

    def changed(given: Any, path: list[str]) -> Any:
        return {**given, path[0]: changed(given[path[0]], path[1:])} if path else value

    dataset, *path = parameter.split(".")
    with pytest.raises(ValidationError) as error:
        MODELS[dataset](**changed(configuration("parameters")[dataset], path))
    return str(error.value)


@pytest.mark.parametrize(
    "windows",
    [
        "articles.sales_days",
        "events.funnel.windows_days",
        "interactions.popularity.weeks",
        "reviews.summary.slope_days",
        "timeseries.features.horizons_days",
    ],
)
def test_windows_name_columns_and_come_once(windows: str) -> None:
    assert "expected each window once, came [7, 7]" in refused(windows, [7, 7])
    assert windows.split(".", 1)[1] in refused(windows, [10**9])
    if not windows.startswith(("events", "reviews")):  # which have something to tell without
        assert windows.split(".", 1)[1] in refused(windows, [])


def test_texts_of_articles_are_columns_there_are() -> None:
    assert "no text 'nope'" in refused("articles.text_columns", ["prod_name", "nope"])
    assert "no text 'price'" in refused("articles.category_columns", ["price"])
    assert "category_columns" in refused("articles.category_columns", [])


def test_a_number_is_finite_and_days_are_at_most_a_century() -> None:
    assert "finite" in refused("interactions.min_share_of_previous", math.inf)
    assert "36525" in refused("timeseries.forecasts.horizon_days", 10**9)
    assert "876600" in refused("events.rules.allowed_late_hours", 10**9)
    assert "52596000" in refused("clickstream.reading.safety_lag_minutes", 10**10)


def test_a_float_has_seventeen_digits() -> None:
    assert "17" in refused("timeseries.forecasts.significant_digits", 18)


def test_segments_are_no_more_than_the_customers_they_are_fitted_to() -> None:
    assert "above sample_customers 7" in refused("customers.segments.sample_customers", 7)  # largest_k is 8
