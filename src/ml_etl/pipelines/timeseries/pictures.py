"""Three Plotly figures, as JSON, which kedro-viz shows: the week, what is trending, the forecast."""

from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from ml_etl.pipelines.timeseries.dense import demand
from ml_etl.pipelines.timeseries.lines import CATEGORY, TOTAL

Figure = dict[str, Any]
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CATEGORIES, _TRENDS, _PAST_DAYS = 12, 15, 84
_INK, _PALE, _BAND = "#2a6f97", "#a9c6d9", "rgba(42, 111, 151, 0.15)"


def draw_seasonality(history: pd.DataFrame, closed: pd.DataFrame) -> Figure:
    """A heat map: each weekday's sales against the mean day, of the total and the largest categories."""
    known = history[(history.level != "article") & ~history.ds.isin(set(closed.ds))]
    if known.empty:
        return _figure([], "Sales by weekday: no history yet")
    dow = pd.to_datetime(known.ds).dt.dayofweek
    sums = known.groupby(["level", "unique_id"]).y.sum().reset_index()
    largest = sums.sort_values(["y", "unique_id"], ascending=[False, True]).unique_id[: _CATEGORIES + 1]
    means = known.groupby(["unique_id", dow]).y.mean().unstack()
    ratio = means.loc[largest].div(known.groupby("unique_id").y.mean().loc[largest], axis=0)
    heat = {
        "type": "heatmap",
        "x": [_DAYS[day] for day in ratio.columns],
        "y": [*largest],
        "z": [[_rounded(value) for value in row] for row in ratio.to_numpy()],
        "colorscale": [[0, "#c8553d"], [0.5, "#f7f7f7"], [1, _INK]],
        "zmid": 1,
        "colorbar": {"title": {"text": "× mean day"}},
    }
    return _figure([heat], "Sales by weekday, against the mean day", {"yaxis": {"autorange": "reversed"}})


def shown_trends(trending: ir.Table) -> ir.Table:
    """The end of the lazy part: the best ranked categories."""
    return trending.filter((_.level == CATEGORY) & (_["rank"] <= _TRENDS)).order_by("rank")


def draw_trending(rows: pd.DataFrame) -> Figure:
    """Bars: units of the last week beside what the four weeks before let one expect."""
    names = [*rows.unique_id]
    expected = [_rounded(units / 4) for units in rows.units_28d_before]
    bars = [
        {"type": "bar", "orientation": "h", "name": name, "y": names, "x": values, "marker": {"color": color}}
        for name, values, color in (
            ("a week of the 28 days before", expected, _PALE),
            ("last 7 days", [*map(int, rows.units_7d)], _INK),
        )
    ]
    more = {"yaxis": {"autorange": "reversed"}, "xaxis": {"title": {"text": "units"}}}
    return _figure(bars, "Trending categories, by z", more)


def shown_days(sales: ir.Table, series: ir.Table, forecasts: ir.Table) -> ir.Table:
    """The end of the lazy part: the total's last days and its chosen forecast."""
    total = series.filter(_.level == TOTAL)
    last = total.select("last_day")
    past = demand(sales, total).cross_join(last).filter(_.ds.delta(_.last_day, unit="day") > -_PAST_DAYS)
    nothing = {name: ibis.null("float64") for name in ("lo_80", "hi_80", "lo_95", "hi_95")}
    known = past.select("ds", ahead=ibis.literal(False), value=_.y.cast("float64"), **nothing)
    ahead = forecasts.filter((_.level == TOTAL) & _.is_chosen)
    coming = ahead.select("ds", ahead=ibis.literal(True), value=_["mean"], **{n: _[n] for n in nothing})
    return known.union(coming).order_by("ds")


def draw_forecast(rows: pd.DataFrame) -> Figure:
    """Lines: the shop's units, the forecast, and its 80 and 95 % intervals."""
    past, ahead = rows[~rows.ahead.astype(bool)], rows[rows.ahead.astype(bool)]
    bands = [_band(ahead, level) for level in (95, 80)]
    lines = [
        _line(past, "value", {"name": "sold", "line": {"color": "#333333"}}),
        _line(ahead, "value", {"name": "forecast", "line": {"color": _INK}}),
    ]
    more = {"yaxis": {"title": {"text": "merchandise units"}, "rangemode": "tozero"}}
    return _figure([*bands, *lines], "The shop's next four weeks, with 80 and 95 % intervals", more)


def _band(ahead: pd.DataFrame, level: int) -> Figure:
    days = [str(day)[:10] for day in ahead.ds]
    upper = [_rounded(value) for value in ahead[f"hi_{level}"]]
    lower = [_rounded(value) for value in ahead[f"lo_{level}"]]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": days + days[::-1],
        "y": upper + lower[::-1],
        "fill": "toself",
        "fillcolor": _BAND,
        "line": {"width": 0},
        "name": f"{level} %",
    }


def _line(rows: pd.DataFrame, column: str, style: Figure) -> Figure:
    days = [str(day)[:10] for day in rows.ds]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": days,
        "y": [_rounded(v) for v in rows[column]],
        **style,
    }


def _figure(data: list[Figure], title: str, layout: Figure | None = None) -> Figure:
    margins = {"automargin": True}
    found: Figure = {"title": {"text": title}, "template": "plotly_white", "xaxis": margins, "yaxis": margins}
    for name, value in (layout or {}).items():
        found[name] = {**found.get(name, {}), **value}
    return {"data": data, "layout": found}


def _rounded(value: float) -> float | None:
    return None if pd.isna(value) else round(float(value), 3)
