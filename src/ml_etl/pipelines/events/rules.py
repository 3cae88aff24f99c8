"""The rules an event is judged by; and the tables of what came in and of what was rejected."""

import datetime as dt
from dataclasses import replace

import ibis

from ml_etl.contracts import SOURCE, Column, Contract, Rule
from ml_etl.pipelines.events.contracts import MOMENT, count, text
from ml_etl.pipelines.events.params import RuleParams


def rules(params: RuleParams) -> tuple[Rule, ...]:
    """What rejects an event, in this order; times are compared with each other, never with a run's clock."""
    late, skew = (
        dt.timedelta(hours=params.allowed_late_hours),
        dt.timedelta(minutes=params.clock_skew_minutes),
    )
    future, first = dt.timedelta(hours=params.future_hours), dt.datetime.combine(params.first_day, dt.time())
    return (
        Rule("null_event_id", "event_id is null or empty", lambda t: t.event_id.isnull()),
        Rule("null_type", "event_type is null or empty", lambda t: t.event_type.isnull()),
        Rule("null_time", "created_at is null", lambda t: t.created_at.isnull()),
        Rule("nobody", "neither visitor_id nor customer_id", lambda t: t.visitor.isnull()),
        Rule("impossible_date", f"before {params.first_day}", lambda t: t.created_at < ibis.literal(first)),
        Rule(
            "in_future",
            f"more than {params.future_hours} hours after it came in",
            lambda t: t.created_at > t.ingested_at + ibis.interval(future),
        ),
        Rule(
            "clock_ahead",
            f"more than {params.clock_skew_minutes} minutes after it came in",
            lambda t: t.created_at > t.ingested_at + ibis.interval(skew),
        ),
        Rule(
            "too_late",
            f"came in more than {params.allowed_late_hours} hours after it happened",
            lambda t: t.ingested_at > t.created_at + ibis.interval(late),
        ),
        Rule("bad_price", "price is negative, NaN, infinite or too large", lambda t: t.bad_price),
        Rule(
            "bad_quantity",
            f"quantity is no whole number from 0 to {params.most_units:,}; a return is no purchase",
            lambda t: t.bad_quantity,
        ),
    )


RULES = tuple(rule.name for rule in rules(RuleParams.usual()))
"""Their names, in that order."""

WAIVABLE = ("impossible_date", "in_future", "clock_ahead", "too_late", "bad_price")
"""Rules a person may lift for rows in quarantine; by the others an event has no key, type, owner or units."""

QUARANTINE = Contract(
    "quarantine",
    "one row per rejected row; a file per day (UTC) it came in",
    (
        text("rule", "the first rule it breaks"),
        *(replace(c, type=MOMENT) if c.type == "timestamp" else c for c in SOURCE["events"].columns),
    ),
)

INTAKE = Contract(
    "intake",
    "one row per quarter of an hour (UTC) in which rows came in, and what became of them; a file per day",
    (
        Column("bucket", MOMENT, "start of the quarter of an hour; null of rows without any time", "UTC"),
        text("outcome", "accepted, repeated (same content), conflicting (other content), or the rule broken"),
        count("rows", "source rows", "rows"),
        count("unknown_type_rows", "of these, rows whose type of event is not known", "rows"),
        Column("newest", MOMENT, "the last of them to come in", "UTC"),
    ),
    key=("bucket", "outcome"),
)
