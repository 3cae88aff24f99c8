"""The released tables of features, trends, seasons and forecasts."""

from collections.abc import Sequence

from ml_etl.contracts import Column, Contract, Rule
from ml_etl.pipelines.timeseries.contracts import CALENDAR, KNOWN_LEVEL, LEVEL, UNIQUE_ID, share
from ml_etl.pipelines.timeseries.models import NAMES

_IS_CHOSEN = Column("is_chosen", "boolean", "whether the model was chosen for the series")


def _units(name: str, meaning: str, dtype: str = "float64") -> Column:
    return Column(name, dtype, meaning, "units")


FEATURES = Contract(
    "features",
    "one row per total or merchandise category, day and horizon; of sales up to `horizon` days before",
    (
        LEVEL,
        UNIQUE_ID,
        Column("ds", "date", "local day; up to `horizon` days beyond the last complete one"),
        Column("horizon", "int64", "the newest known day is ds − horizon", "days"),
        _units("y", "merchandise units of that day, the target; null where it is not over", "int64"),
        Column("known_days", "int64", "days of the series up to ds − horizon", "days"),
        *(
            _units(f"lag_{lag}", f"sales {lag} days back, 1 being the newest known day", "int64")
            for lag in (1, 7, 14, 28)
        ),
        _units("lag_364", "sales 364 days back; null below two cycles (728 known days)", "int64"),
        _units("rolling_mean_7", "mean of the newest 7 known days; null with fewer"),
        _units("rolling_std_7", "their standard deviation (n − 1)"),
        _units("rolling_mean_28", "mean of the newest 28 known days; null with fewer"),
        _units("rolling_std_28", "their standard deviation (n − 1)"),
        _units("ewm", "weighted mean of the newest 28 known days, weights 2^(−days/half-life)"),
        _units("expanding_mean", "mean of all known days"),
        *(column for column in CALENDAR.columns if column.name in ("dow", "week", "month")),
        *(column for column in CALENDAR.columns if column.name in ("month_sin", "month_cos", "is_holiday")),
    ),
    key=("level", "unique_id", "ds", "horizon"),
    rules=(
        KNOWN_LEVEL,
        Rule(
            "nothing_known_no_feature",
            "without a known day there is no feature",
            lambda t: (
                (t.known_days == 0) & (t.lag_1.notnull() | t.ewm.notnull() | t.expanding_mean.notnull())
            ),
        ),
        Rule(
            "yearly_lag_needs_two_cycles",
            "lag_364 needs 728 known days",
            lambda t: t.lag_364.notnull() & (t.known_days < 728),
        ),
        Rule(
            "not_negative",
            "neither sales nor their means and deviations are negative or NaN",
            lambda t: (t.y < 0) | (t.lag_1 < 0) | (t.rolling_mean_7 < 0) | t.rolling_std_28.isnan(),
        ),
    ),
)

TRENDING = Contract(
    "trending",
    "one row per merchandise article or category sold in the last 35 days",
    (
        LEVEL,
        UNIQUE_ID,
        _units("units_7d", "units of the last 7 days", "int64"),
        _units("units_28d_before", "units of the 28 days before them", "int64"),
        Column("growth", "float64", "(units_7d + 3) / (units_28d_before/4 + 3)"),
        Column("z", "float64", "(units_7d − e) / √(e + 1), e = units_28d_before/4"),
        Column("hot", "float64", "Σ units · 2^(−age/half-life) of the 35 days"),
        Column("rank", "int64", "within the level by z, ties by hot, then id; 1 is best"),
        Column("rank_delta", "int64", "rank of a week ago less rank; null where it had none"),
    ),
    key=("level", "unique_id"),
    rules=(
        Rule(
            "something_sold",
            "units are not negative and not both 0",
            lambda t: (t.units_7d < 0) | (t.units_28d_before < 0) | (t.units_7d + t.units_28d_before < 1),
        ),
        Rule(
            "growth_and_z_agree",
            "growth is above 1 exactly where z is above 0",
            lambda t: (t.growth > 1) != (t.z > 0),
        ),
        Rule(
            "hot_bounded",
            "hot never exceeds the units",
            lambda t: t.hot > (t.units_7d + t.units_28d_before) * (1 + 1e-9),
        ),
        Rule("rank_from_one", "ranks count from 1", lambda t: t["rank"] < 1),
    ),
)

DEMAND = Contract(
    "demand",
    "one row per merchandise series: how regular its weeks are",
    (
        LEVEL,
        UNIQUE_ID,
        Column("weeks", "int64", "whole weeks of its range", "weeks"),
        Column("weeks_sold", "int64", "of these with a sale", "weeks"),
        Column("adi", "float64", "weeks per week with a sale; null without one", "weeks"),
        Column("cv2", "float64", "squared coefficient of variation of weeks with a sale; null below two"),
        Column(
            "demand_class", "string", "smooth, intermittent, erratic, lumpy; null below two weeks with a sale"
        ),
    ),
    key=("level", "unique_id"),
    rules=(
        KNOWN_LEVEL,
        Rule("weeks_ordered", "weeks_sold ≤ weeks", lambda t: t.weeks_sold > t.weeks),
        Rule("adi_from_one", "adi ≥ 1", lambda t: t.adi < 1),
        Rule("cv2_not_negative", "cv2 ≥ 0", lambda t: (t.cv2 < 0) | t.cv2.isnan()),
        Rule(
            "class_needs_two_weeks",
            "a class exactly where two weeks have a sale",
            lambda t: t.demand_class.notnull() != (t.weeks_sold >= 2),
        ),
    ),
)

SEASONALITY = Contract(
    "seasonality",
    "one row per forecast series and weekday or month",
    (
        LEVEL,
        UNIQUE_ID,
        Column("season", "string", "weekday or month"),
        Column("position", "int64", "weekday (0 is Monday) or month (1 to 12)"),
        Column("index", "float64", "its mean over the mean of all open days; months from two cycles on"),
        Column("strength", "float64", "strength of the weekly or yearly season (MSTL), 0 to 1", "share"),
    ),
    key=("level", "unique_id", "season", "position"),
    rules=(
        KNOWN_LEVEL,
        Rule("known_season", "a season is weekday or month", lambda t: ~t.season.isin(("weekday", "month"))),
        share("strength"),
        share("index", 0, 12.001),
    ),
)

_ERRORS = (
    Column("mase", "float64", "MAE over the in-sample MAE of the seasonal naive forecast; mean of origins"),
    Column("rmsse", "float64", "RMSE over the in-sample RMSE of the naive one, from the first sale on"),
    Column("wape", "float64", "Σ |error| / Σ sales of all origins", "share"),
    Column("bias", "float64", "Σ (forecast − sales) / Σ sales of all origins", "share"),
    _units("pinball", "mean pinball loss of the quantiles .025, .1, .5, .9, .975"),
    _units("mae", "mean absolute error"),
    Column("covered_80", "float64", "days inside the 80 % interval", "share"),
    Column("covered_95", "float64", "days inside the 95 % interval", "share"),
)
_ERROR_RULES = (
    share("covered_80"),
    share("covered_95"),
    Rule(
        "wider_covers_more",
        "the 95 % interval covers no less than the 80 % one",
        lambda t: t.covered_95 < t.covered_80,
    ),
    Rule("errors_not_negative", "errors are not negative", lambda t: (t.mase < 0) | (t.wape < 0)),
)
_KNOWN_MODEL = Rule("known_model", f"a model is one of {', '.join(NAMES)}", lambda t: ~t.model.isin(NAMES))

FORECASTS = Contract(
    "forecasts",
    "one row per series, model and day ahead; the one to use has is_chosen",
    (
        LEVEL,
        UNIQUE_ID,
        Column("ds", "date", "local day, from the as-of on"),
        Column("horizon", "int64", "days ahead, from 1", "days"),
        Column("model", "string", "the model"),
        _IS_CHOSEN,
        _units("mean", "expected merchandise units"),
        _units("lo_80", "lower end of the 80 % interval"),
        _units("hi_80", "upper end of the 80 % interval"),
        _units("lo_95", "lower end of the 95 % interval"),
        _units("hi_95", "upper end of the 95 % interval"),
    ),
    key=("level", "unique_id", "ds", "model"),
    rules=(
        KNOWN_LEVEL,
        _KNOWN_MODEL,
        Rule("not_negative", "nothing below 0 is sold", lambda t: (t["mean"] < 0) | (t.lo_95 < 0)),
        Rule(
            "intervals_nested",
            "lo_95 ≤ lo_80 ≤ hi_80 ≤ hi_95",
            lambda t: (t.lo_95 > t.lo_80) | (t.lo_80 > t.hi_80) | (t.hi_80 > t.hi_95),
        ),
        Rule("complete", "no value is null", lambda t: t["mean"].isnull() | t.lo_95.isnull()),
    ),
)

BACKTEST = Contract(
    "backtest",
    "one row per series and model that was tried on its last windows",
    (
        LEVEL,
        UNIQUE_ID,
        Column("model", "string", "the model"),
        Column("origins", "int64", "windows it forecast", "windows"),
        _IS_CHOSEN,
        *_ERRORS,
    ),
    key=("level", "unique_id", "model"),
    rules=(KNOWN_LEVEL, _KNOWN_MODEL, *_ERROR_RULES),
)

MODELS = Contract(
    "models",
    "one row per series that may be forecast: the chosen model and why",
    (
        LEVEL,
        UNIQUE_ID,
        Column(
            "status", "string", "tested, fallback (too little history to test models) or none (no forecast)"
        ),
        Column("model", "string", "the chosen model; null where there is no forecast"),
        Column("reason", "string", "why this one, or why none"),
        Column("days", "int64", "days of history", "days"),
        Column("origins", "int64", "windows of the backtest; null where none", "windows"),
        *_ERRORS,
    ),
    key=("level", "unique_id"),
    rules=(
        KNOWN_LEVEL,
        _KNOWN_MODEL,
        Rule("said_why", "every choice has its reason", lambda t: t.reason.fill_null("") == ""),
        Rule(
            "none_means_no_model",
            "a model exactly where there is a forecast",
            lambda t: t.model.isnull() != (t.status == "none"),
        ),
        *_ERROR_RULES,
    ),
)

ANALYSED: Sequence[Contract] = (FEATURES, TRENDING, DEMAND, SEASONALITY, FORECASTS, BACKTEST, MODELS)
