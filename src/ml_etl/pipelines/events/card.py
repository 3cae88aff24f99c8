"""What a reader should know beside the columns, and what the run's end shows of it."""

import datetime as dt
from typing import Any

import pandas as pd

from ml_etl.clickstream.params import Clickstream
from ml_etl.clickstream.sessions import longest
from ml_etl.pipelines.events.params import EventsParams
from ml_etl.pipelines.events.scope import RECENT_DAYS, Scope

_SIMULATED = "SIMULATED: these clicks were made up by a program; they say nothing about the shop"
_WIDTH = 30


def card(
    facts: dict[str, dict[str, Any]],
    funnel: pd.DataFrame,
    sessions: pd.DataFrame,
    totals: dict[str, int],
    scope: Scope,
    params: EventsParams,
    clickstream: Clickstream,
) -> dict[str, Any]:
    """Counts, rules, and from when on nothing changes any more; `highlights` are what a run ends with."""
    recent = facts["recent"]
    both = recent["view_count"] and recent["click_count"]
    return {
        "clock": scope.clock.isoformat(),
        "final_before": _final_before(scope, params, clickstream).isoformat(),
        "simulated": _SIMULATED if recent["simulated"] else "",
        f"last_{RECENT_DAYS}_days": recent,
        "unknown_articles": facts.get("unknown_articles", "not known: articles are not released"),
        "clicks_are_views": "views and clicks both occur; clicks count as views" if both else "",
        "category": params.category,
        "steps": [{"step": step.name, "types": list(step.types)} for step in params.funnel.steps],
        "sessions": clickstream.sessions.model_dump(),
        "source_rows": totals,
        "current_not_as_of": ["categories of articles: those of the articles release that was read"],
        "highlights": {
            "title": f"{totals['events']:,} events; the last {RECENT_DAYS} days:",
            "warning": _SIMULATED if recent["simulated"] else "",
            "tables": [_funnel(funnel), _sessions(sessions, recent)],
        },
    }


def _final_before(scope: Scope, params: EventsParams, clickstream: Clickstream) -> dt.datetime:
    """Sessions that ended before it stay as they are, whatever comes in on time or late."""
    late = dt.timedelta(hours=params.rules.allowed_late_hours, minutes=clickstream.sessions.gap_minutes)
    return scope.clock - late - clickstream.reading.overlap - longest(clickstream.sessions)


def _funnel(funnel: pd.DataFrame) -> dict[str, Any]:
    """Sessions by step, and what is left of them after each."""
    most = max([*funnel.inferred, 1])
    rows = [
        [row.step, f"{row.strict:,}", f"{row.inferred:,}", "█" * round(_WIDTH * row.inferred / most)]
        for row in funnel.itertuples()
    ]
    columns = ["step", "sessions, every step seen", "inferred", ""]
    return {"title": "Funnel", "columns": columns, "rows": rows, "note": ""}


def _sessions(sessions: pd.DataFrame, recent: dict[str, Any]) -> dict[str, Any]:
    sums = {name: int(sessions[name].sum()) for name in ("sessions", "carts", "left", "converted")}
    rows = [
        ["sessions", f"{sums['sessions']:,}"],
        ["with a purchase", _share(sums["converted"], sums["sessions"])],
        ["with something put into the cart", _share(sums["carts"], sums["sessions"])],
        ["of these, left behind", _share(sums["left"], sums["carts"])],
        ["events of bots, counted nowhere", f"{recent['bot_events']:,}"],
    ]
    return {"title": "Sessions", "columns": ["", ""], "rows": rows, "note": ""}


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"
