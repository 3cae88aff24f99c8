"""Three Plotly figures, as JSON, which kedro-viz shows: the funnel, session lengths, abandonment by hour."""

from typing import Any

import ibis.expr.types as ir
import pandas as pd
from ibis import _

from ml_etl.expressions import built_once
from ml_etl.parts import StoredParts
from ml_etl.pipelines.events.contracts import SESSIONS, shaped
from ml_etl.pipelines.events.funnel_contracts import FUNNEL
from ml_etl.pipelines.events.scope import RECENT_DAYS, Scope, recent_days
from ml_etl.pipelines.events.steps import SESSION

Figure = dict[str, Any]
_INK, _PALE, _WARM = "#2a6f97", "#a9c6d9", "#c8553d"
_LENGTHS: tuple[tuple[int, str], ...] = (
    (0, "0 s"),
    (30, "to 30 s"),
    (60, "to 1 min"),
    (120, "to 2 min"),
    (300, "to 5 min"),
)
_LENGTHS += ((600, "to 10 min"), (1800, "to 30 min"), (3600, "to 1 h"), (86400, "longer"))


def shown_funnel(funnel: StoredParts, scope: Scope) -> ir.Table:
    """The end of the lazy part: per step, the sessions of the last days that took it."""
    return _shown_funnel(shaped(funnel.of(f"{SESSION}-{day}" for day in recent_days(scope)), FUNNEL))


@built_once
def _shown_funnel(funnel: ir.Table) -> ir.Table:
    everyone = funnel.filter(_.dimension == "all")
    steps = everyone.group_by("step_number", "step").aggregate(
        strict=_.reached_strict.sum().cast("int64"),
        inferred=_.reached_inferred.sum().cast("int64"),
    )
    return steps.order_by("step_number")


def shown_sessions(sessions: StoredParts, scope: Scope) -> ir.Table:
    """The end of the lazy part: people's sessions per hour (UTC) and length, with a cart, and left."""
    return _shown_sessions(shaped(sessions.of(recent_days(scope)), SESSIONS))


@built_once
def _shown_sessions(sessions: ir.Table) -> ir.Table:
    longer = [(_.duration_s > most).cast("int64") for most, _name in _LENGTHS[:-1]]
    people = sessions.filter(~_.is_bot).mutate(hour=_.started_at.hour(), length=sum(longer[1:], longer[0]))
    told = people.group_by("hour", "length").aggregate(
        sessions=_.count(),
        carts=(_.add_to_cart_count > 0).sum().cast("int64"),
        converted=_.converted.sum().cast("int64"),
        left=_.cart_abandoned.sum().fill_null(0).cast("int64"),
        simulated=_.simulated.any(),
    )
    return told.order_by("hour", "length")


def draw_funnel(rows: pd.DataFrame, sessions: pd.DataFrame) -> Figure:
    """Bars: sessions that took each step, strictly in order, and inferred."""
    bars = [
        {
            "type": "bar",
            "name": name,
            "x": [*rows.step],
            "y": [*map(int, rows[column])],
            "marker": {"color": color},
        }
        for name, column, color in (("inferred", "inferred", _PALE), ("strict", "strict", _INK))
    ]
    title = f"Funnel: sessions of the last {RECENT_DAYS} days{_simulated(sessions)}"
    return _figure(bars, title, {"yaxis": {"title": {"text": "sessions"}}})


def draw_lengths(rows: pd.DataFrame) -> Figure:
    """Bars: sessions by how long they lasted."""
    sums = rows.groupby("length").sessions.sum().reindex(range(len(_LENGTHS)), fill_value=0)
    bars = [
        {
            "type": "bar",
            "x": [name for _most, name in _LENGTHS],
            "y": [*map(int, sums)],
            "marker": {"color": _INK},
            "showlegend": False,
        }
    ]
    title = f"Session lengths, last {RECENT_DAYS} days{_simulated(rows)}"
    return _figure(bars, title, {"yaxis": {"title": {"text": "sessions"}}})


def draw_abandonment(rows: pd.DataFrame) -> Figure:
    """Bars: of the sessions that put something into the cart, the share that left it there, by hour."""
    sums = rows.groupby("hour")[["carts", "left"]].sum().reindex(range(24), fill_value=0)
    shares = [round(int(s.left) / int(s.carts), 3) if s.carts else None for s in sums.itertuples()]
    bars = [{"type": "bar", "x": [*range(24)], "y": shares, "marker": {"color": _WARM}, "showlegend": False}]
    layout = {
        "xaxis": {"title": {"text": "hour the session started (UTC)"}, "dtick": 3},
        "yaxis": {"title": {"text": "carts left behind"}, "tickformat": ".0%", "rangemode": "tozero"},
    }
    return _figure(bars, f"Abandoned carts by hour, last {RECENT_DAYS} days{_simulated(rows)}", layout)


def _simulated(rows: pd.DataFrame) -> str:
    return " (simulated)" if len(rows) and rows.simulated.astype(bool).any() else ""


def _figure(data: list[Figure], title: str, layout: Figure) -> Figure:
    margins = {"automargin": True}
    found: Figure = {"title": {"text": title}, "xaxis": margins, "yaxis": margins}
    for name, value in layout.items():
        found[name] = {**found.get(name, {}), **value}
    return {"data": data, "layout": found}
