"""timeseries, from staged tables to a release."""

from kedro.pipeline import Node, Pipeline

from ml_etl.pipelines.timeseries.calendar import calendar, open_days
from ml_etl.pipelines.timeseries.promo import promo
from ml_etl.pipelines.timeseries.release import card, measure, request, verify
from ml_etl.pipelines.timeseries.sales import daily, lines_of, weekly
from ml_etl.pipelines.timeseries.series import series
from ml_etl.purchases import purchases

SOURCES = ("articles", "customers", "transactions", "promo")
"""The source tables it stands on."""

_WRITTEN = [
    "timeseries.daily",
    "timeseries.weekly",
    "timeseries.series",
    "timeseries.calendar",
    "timeseries.promo",
]
_PARAMS = "params:timeseries"


def create_pipeline() -> Pipeline:
    """Nodes tagged `timeseries`; inputs are staged tables, `as_of` and `timeseries.plan`."""
    return Pipeline([*_sales(), *_ending()], tags={"timeseries"})


def _sales() -> list[Node]:
    return [
        Node(
            purchases,
            ["staging.transactions", "as_of"],
            "timeseries.purchases",
            name="select_sales",
        ),
        Node(
            lines_of,
            ["timeseries.purchases", "staging.articles", _PARAMS],
            "timeseries.lines",
            name="assign_series",
        ),
        Node(
            promo, ["staging.promo", "staging.articles", _PARAMS], "timeseries.promo", name="share_promotions"
        ),
        Node(daily, ["timeseries.lines", "timeseries.promo"], "timeseries.daily", name="sum_days"),
        Node(open_days, "timeseries.lines", "timeseries.open_days", name="find_open_days"),
        Node(
            calendar,
            ["timeseries.open_days", "as_of", _PARAMS],
            "timeseries.calendar",
            name="make_calendar",
        ),
        Node(weekly, ["timeseries.lines", "timeseries.calendar"], "timeseries.weekly", name="sum_weeks"),
        Node(
            series,
            ["timeseries.daily", "staging.articles", "timeseries.calendar", "as_of", _PARAMS],
            "timeseries.series",
            name="bound_series",
        ),
    ]


def _ending() -> list[Node]:
    counts = [f"staging.{table}_counts" for table in SOURCES]
    return [
        Node(measure, [*_WRITTEN, "as_of"], "timeseries.measures", name="measure_timeseries"),
        Node(
            verify,
            ["timeseries.measures", "timeseries.plan", _PARAMS, *counts],
            "timeseries.checks",
            name="verify_timeseries",
        ),
        Node(card, ["timeseries.checks", "as_of", _PARAMS], "timeseries.card", name="describe_timeseries"),
        Node(
            request,
            ["timeseries.checks", "timeseries.plan", "timeseries.card"],
            "timeseries.release",
            name="release_timeseries",
        ),
    ]
