"""timeseries, from staged tables to a release."""

from kedro.pipeline import Node, Pipeline

from ml_etl.pipelines.timeseries.accuracy import accuracy
from ml_etl.pipelines.timeseries.backtest import backtest
from ml_etl.pipelines.timeseries.calendar import calendar, closed_days, open_days
from ml_etl.pipelines.timeseries.days import sold_days
from ml_etl.pipelines.timeseries.demand import demand_classes
from ml_etl.pipelines.timeseries.features import stored_features
from ml_etl.pipelines.timeseries.forecasts import forecast, history
from ml_etl.pipelines.timeseries.lines import lines_of, named, numbered_series
from ml_etl.pipelines.timeseries.pictures import (
    draw_forecast,
    draw_seasonality,
    draw_trending,
    shown_days,
    shown_trends,
)
from ml_etl.pipelines.timeseries.promo import promotions
from ml_etl.pipelines.timeseries.release import PICTURES, TABLES, card, measure, request, verify
from ml_etl.pipelines.timeseries.sales import daily, weekly
from ml_etl.pipelines.timeseries.seasonality import seasonality
from ml_etl.pipelines.timeseries.series import series
from ml_etl.pipelines.timeseries.trending import trending
from ml_etl.purchases import purchases

SOURCES = ("articles", "customers", "transactions", "promo")
"""The source tables it stands on."""

_WRITTEN = ["timeseries.daily", *(f"timeseries.{name}" for name in TABLES[1:])]
_PARAMS = "params:timeseries"


def create_pipeline() -> Pipeline:
    """Nodes tagged `timeseries`; inputs are staged tables, `as_of` and `timeseries.plan`."""
    return Pipeline([*_sales(), *_analysis(), *_forecasts(), *_pictures(), *_ending()], tags={"timeseries"})


def _sales() -> list[Node]:
    return [
        Node(
            purchases,
            ["staging.transactions", "as_of"],
            "timeseries.purchases",
            name="select_sales",
        ),
        Node(
            numbered_series, ["staging.articles", _PARAMS], "timeseries.numbered_series", name="number_series"
        ),
        Node(
            lines_of,
            ["timeseries.purchases", "timeseries.numbered_series"],
            "timeseries.lines",
            name="assign_series",
        ),
        Node(
            promotions,
            ["staging.promo", "timeseries.numbered_series"],
            "timeseries.promotions",
            name="share_promotions",
        ),
        Node(
            named,
            ["timeseries.promotions", "timeseries.numbered_series"],
            "timeseries.promo",
            name="name_promotions",
        ),
        Node(sold_days, "timeseries.lines", "timeseries.sold_days", name="sum_sales"),
        Node(
            daily,
            ["timeseries.sold_days", "timeseries.promotions", "timeseries.numbered_series"],
            "timeseries.daily",
            name="sum_days",
        ),
        Node(open_days, "timeseries.lines", "timeseries.open_days", name="find_open_days"),
        Node(
            calendar,
            ["timeseries.open_days", "as_of", _PARAMS],
            "timeseries.calendar",
            name="make_calendar",
        ),
        Node(
            weekly,
            [
                "timeseries.sold_days",
                "timeseries.lines",
                "timeseries.calendar",
                "timeseries.numbered_series",
            ],
            "timeseries.weekly",
            name="sum_weeks",
        ),
        Node(
            series,
            ["timeseries.daily", "staging.articles", "timeseries.calendar", "as_of", _PARAMS],
            "timeseries.series",
            name="bound_series",
        ),
    ]


def _analysis() -> list[Node]:
    sales = ["timeseries.daily", "timeseries.series"]
    return [
        Node(
            stored_features,
            [*sales, "timeseries.calendar", _PARAMS],
            "timeseries.features",
            name="build_features",
        ),
        Node(trending, [*sales, "as_of", _PARAMS], "timeseries.trending", name="rank_trending"),
        Node(
            demand_classes,
            ["timeseries.weekly", "timeseries.series", "as_of", _PARAMS],
            "timeseries.demand",
            name="classify_demand",
        ),
        Node(history, [*sales, "as_of", _PARAMS], "timeseries.history", name="select_history"),
        Node(closed_days, "timeseries.calendar", "timeseries.closed_days", name="find_closed_days"),
        Node(
            seasonality,
            ["timeseries.history", "timeseries.closed_days", _PARAMS],
            "timeseries.seasonality",
            name="measure_seasons",
        ),
    ]


def _forecasts() -> list[Node]:
    return [
        Node(backtest, ["timeseries.history", _PARAMS], "timeseries.windows", name="backtest_models"),
        Node(
            forecast,
            ["timeseries.history", "timeseries.windows", "as_of", _PARAMS],
            ["timeseries.forecasts", "timeseries.backtest", "timeseries.models"],
            name="forecast_sales",
        ),
        Node(accuracy, ["timeseries.windows", _PARAMS], "timeseries.accuracy", name="sum_up_accuracy"),
    ]


def _pictures() -> list[Node]:
    days = ["timeseries.daily", "timeseries.series", "timeseries.forecasts"]
    return [
        Node(
            draw_seasonality,
            ["timeseries.history", "timeseries.closed_days"],
            "timeseries.seasonality_picture",
            name="draw_seasonality",
        ),
        Node(shown_trends, "timeseries.trending", "timeseries.shown_trends", name="select_trends"),
        Node(draw_trending, "timeseries.shown_trends", "timeseries.trending_picture", name="draw_trending"),
        Node(shown_days, days, "timeseries.shown_days", name="select_shown_days"),
        Node(draw_forecast, "timeseries.shown_days", "timeseries.forecast_picture", name="draw_forecast"),
    ]


def _ending() -> list[Node]:
    counts = [f"staging.{table}_counts" for table in SOURCES]
    pictures = [f"timeseries.{name}" for name in PICTURES]
    return [
        Node(measure, ["as_of", *_WRITTEN], "timeseries.measures", name="measure_timeseries"),
        Node(
            verify,
            ["timeseries.measures", "timeseries.plan", _PARAMS, *counts],
            "timeseries.checks",
            name="verify_timeseries",
        ),
        Node(
            card,
            ["timeseries.checks", "timeseries.accuracy", "as_of", _PARAMS],
            "timeseries.card",
            name="describe_timeseries",
        ),
        Node(
            request,
            ["timeseries.checks", "timeseries.plan", "timeseries.card", *pictures],
            "timeseries.release",
            name="release_timeseries",
        ),
    ]
