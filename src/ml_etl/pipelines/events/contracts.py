"""The released tables: columns, keys and what must hold of each row; and the rules an event is judged by."""

import datetime as dt
from dataclasses import replace

import ibis
import ibis.expr.types as ir

from ml_etl.contracts import MONEY, MONEY_SUM, SOURCE, Column, Contract, Rule
from ml_etl.pipelines.events.params import FunnelParams, RuleParams
from ml_etl.pipelines.events.types import COUNTS, TYPES


MOMENT = "timestamp(6)"
"""Moments are UTC and without a zone, in microseconds, as Parquet keeps them."""


def _text(name: str, meaning: str) -> Column:
    return Column(name, "string", meaning)


def _count(name: str, meaning: str, unit: str = "events") -> Column:
    return Column(name, "int64", meaning, unit)


_RAW = (
    _text("event_id", "the event; of rows that repeat it, the one that came in first"),
    _text("visitor", "who is counted as one: visitor_id, else customer: and the customer"),
    _text("visitor_id", "the browser or device; null where the tracker has none"),
    _text("session_id", "the tracker's session; null where it tells none"),
    _text("customer_id", "who was logged in; null before a login"),
    _text("event_type", "view, click, wishlist, add_to_cart, …; types that are not known are kept"),
    _text("article_id", "the article; null for a search or a checkout"),
    _text("campaign_id", "the campaign that brought the visitor"),
    _text("channel", "where from"),
    Column("quantity", "int64", "units; null counts as 1", "units"),
    Column("price", MONEY, "price of one unit at that moment", "currency"),
    Column("created_at", MOMENT, "when it happened, by the device", "UTC"),
    Column("ingested_at", MOMENT, "when it came in", "UTC"),
    Column("simulated", "boolean", "whether it is made up"),
)
RAW = tuple(column.name for column in _RAW)
"""What of an event the shop tells; the rest is told from other events."""


def shaped(table: ir.Table, contract: Contract) -> ir.Table:
    """The table with exactly the contract's columns, in its types: tables to be united must agree."""
    return table.select(**{name: table[name].cast(dtype) for name, dtype in contract.schema.items()})


EVENTS = Contract(
    "events",
    "one row per event; a file per day (UTC) it happened on",
    (
        *_RAW,
        _text("session_key", "its session: the event of it that came in first, ties by event_id"),
        _text("session_customer_id", "the session's customer, also of the events before the login"),
        Column("is_bot", "boolean", "its session has an hour with more events than a person makes"),
    ),
    key=("event_id",),
    rules=(
        Rule(
            "nothing_null",
            "an event has an id, a visitor, a type, its times and a session",
            lambda t: ibis.or_(
                *(t[n].isnull() for n in ("event_id", "visitor", "event_type", "session_key"))
            ),
        ),
        Rule(
            "customer_of_session",
            "the session's customer is the event's, where it has one",
            lambda t: t.customer_id.notnull() & (t.customer_id != t.session_customer_id).fill_null(True),
        ),
    ),
)

SESSIONS = Contract(
    "sessions",
    "one row per session; a file per day (UTC) it started on",
    (
        _text("session_key", "the session: its event that came in first, ties by event_id"),
        _text("visitor", "whose it is"),
        _text("session_id", "the tracker's session; null where it tells none"),
        _text("customer_id", "who was logged in at any time of it; null where nobody was"),
        Column("started_at", MOMENT, "its first event", "UTC"),
        Column("ended_at", MOMENT, "its last event", "UTC"),
        Column(
            "activity_started_at",
            MOMENT,
            "first event without a pause since; before started_at if cut",
            "UTC",
        ),
        Column("duration_s", "int64", "from the first event to the last, whole seconds", "seconds"),
        Column("engaged_s", "int64", "the same, long pauses between events cut short", "seconds"),
        _count("event_count", "its events"),
        *(_count(f"{name}_count", f"its events of type {name}") for name in TYPES),
        _count("other_count", "its events of types that are not known"),
        Column("distinct_articles", "int64", "distinct articles in it", "articles"),
        _text("entry_type", "type of the first event"),
        _text("entry_article_id", "article of the first event that has one"),
        _text("exit_type", "type of the last event"),
        _text("exit_article_id", "article of the last event that has one"),
        _text("campaign_id", "its first campaign"),
        _text("channel", "its first channel"),
        Column("cart_items_left", "int64", "added less removed since its last purchase", "units"),
        Column(
            "cart_value",
            MONEY_SUM,
            "value added to the cart less that removed; null without prices",
            "currency",
        ),
        Column("revenue", MONEY_SUM, "value of its purchases; null without prices", "currency"),
        Column("converted", "boolean", "has a purchase"),
        _text("furthest_step", "the furthest step of the funnel with an event; null without any"),
        Column("is_open", "boolean", "an event that comes in on time can still join it"),
        Column("cart_abandoned", "boolean", "items are left in the cart at the end; null while open"),
        Column(
            "recovered_24h",
            "boolean",
            "abandoned, and a purchase by the visitor within the recovery hours after; null until told",
        ),
        Column("is_bot", "boolean", "has an hour with more events than a person makes"),
        Column("simulated", "boolean", "has simulated events"),
    ),
    key=("session_key",),
    rules=(
        Rule(
            "times_ordered",
            "started_at ≤ ended_at, and activity began no later",
            lambda t: (t.started_at > t.ended_at) | (t.activity_started_at > t.started_at),
        ),
        Rule(
            "counts_add_up",
            "the counts of the types are all its events",
            lambda t: sum((t[name] for name in COUNTS[1:]), t[COUNTS[0]]) != t.event_count,
        ),
        Rule("not_empty", "a session has an event", lambda t: t.event_count < 1),
        Rule("engaged_at_most_all", "engaged no longer than it lasted", lambda t: t.engaged_s > t.duration_s),
        Rule(
            "open_is_undecided",
            "abandonment is null exactly while open",
            lambda t: t.is_open != t.cart_abandoned.isnull(),
        ),
        Rule(
            "only_abandoned_recovers",
            "recovery is told of abandoned carts only",
            lambda t: t.recovered_24h.notnull() & ~t.cart_abandoned.fill_null(False),
        ),
    ),
)


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
    )


RULES = tuple(rule.name for rule in rules(RuleParams.lenient()))
"""Their names, in that order."""

WAIVABLE = ("impossible_date", "in_future", "clock_ahead", "too_late", "bad_price")
"""Rules a person may lift for rows in quarantine; the others would leave an event without key, type or owner."""

QUARANTINE = Contract(
    "quarantine",
    "one row per rejected row; a file per day (UTC) it came in",
    (
        _text("rule", "the first rule it breaks"),
        *(replace(c, type=MOMENT) if c.type == "timestamp" else c for c in SOURCE["events"].columns),
    ),
)

INTAKE = Contract(
    "intake",
    "one row per quarter of an hour (UTC) in which rows came in, and what became of them; a file per day",
    (
        Column("bucket", MOMENT, "start of the quarter of an hour", "UTC"),
        _text(
            "outcome", "accepted, repeated (same content), conflicting (other content), or the rule broken"
        ),
        _count("rows", "source rows", "rows"),
        _count("unknown_type_rows", "of these, rows whose type of event is not known", "rows"),
        Column("newest", MOMENT, "the last of them to come in", "UTC"),
    ),
    key=("bucket", "outcome"),
)

_COUNT_COLUMNS = (
    _count("event_count", "its events"),
    *(_count(f"{name}_count", f"its events of type {name}") for name in TYPES),
    _count("other_count", "its events of types that are not known"),
)

COUNTED = Contract(
    "daily_counts",
    "one row per customer, article or the total, and day (UTC) with an event of theirs; without bots'",
    (
        _text("level", "customer (events of sessions in which they were logged in), article or total"),
        _text("id", "the customer or the article; all"),
        Column("day", "date", "the day (UTC)"),
        *_COUNT_COLUMNS,
        _count("bot_events", "of the total: events of bots, which are counted nowhere else"),
        Column("simulated", "boolean", "has simulated events"),
    ),
    key=("level", "id", "day"),
    rules=(
        Rule(
            "counts_add_up",
            "the counts of the types are all its events",
            lambda t: sum((t[name] for name in COUNTS[1:]), t[COUNTS[0]]) != t.event_count,
        ),
    ),
)

WINDOWS_DAYS = (1, 7, 30)
"""Days of behaviour's windows; each ends with the day of the newest event."""


def _windowed(column: Column, days: int) -> Column:
    return Column(f"{column.name}_{days}d", column.type, f"{column.meaning} in {days} days", column.unit)


def _rate(name: str, meaning: str) -> Column:
    return Column(name, "float64", meaning, "per event")


BEHAVIOUR = Contract(
    "behaviour",
    "one row per customer and article with an event in the last 30 whole days (UTC), today's included",
    (
        _text("level", "customer or article"),
        _text("id", "the customer or the article"),
        Column("last_day", "date", "the last day with an event"),
        *(_windowed(column, days) for days in WINDOWS_DAYS for column in _COUNT_COLUMNS),
        *(
            _rate(f"{name}_{days}d", f"{meaning} in {days} days; null without the latter")
            for days in WINDOWS_DAYS
            for name, meaning in (
                ("view_to_cart", "added to the cart per view or click"),
                ("cart_to_purchase", "purchased per added to the cart"),
            )
        ),
        Column("simulated", "boolean", "has simulated events"),
    ),
    key=("level", "id"),
    rules=(
        Rule(
            "windows_nested",
            "a longer window has no fewer events",
            lambda t: (t.event_count_1d > t.event_count_7d) | (t.event_count_7d > t.event_count_30d),
        ),
        Rule("not_empty", "it has an event in the longest window", lambda t: t.event_count_30d < 1),
    ),
)

FUNNEL = Contract(
    "funnel",
    "one row per window, day (UTC), dimension, value and step that someone took; a file per window and day",
    (
        _text(
            "window", "session; or 1d, 7d: by visitor, so many times 24 hours from the first step that day"
        ),
        Column("day", "date", "the day (UTC) the session started, or the visitor took the first step"),
        _text("dimension", "all, category (of the articles) or campaign (the session's)"),
        _text("value", "the category or the campaign; all"),
        Column("step_number", "int64", "place of the step, from 1 on"),
        _text("step", "the step"),
        _count("reached_strict", "took it after every step before, in order", "sessions or visitors"),
        _count("reached_inferred", "took it, or a later one", "sessions or visitors"),
        Column(
            "drop_off_strict",
            "float64",
            "of these, who did not take the next; null at the last step",
            "share",
        ),
        Column("drop_off_inferred", "float64", "the same of the inferred", "share"),
        Column("mean_step_s", "float64", "mean time since the step before, of the strict", "seconds"),
        Column("median_step_s", "float64", "median of it", "seconds"),
    ),
    key=("window", "day", "dimension", "value", "step_number"),
    rules=(
        Rule(
            "strict_at_most_inferred",
            "a strict path is an inferred one",
            lambda t: t.reached_strict > t.reached_inferred,
        ),
        Rule(
            "drop_off_range",
            "a share lies in 0 to 1",
            lambda t: (t.drop_off_strict < 0) | (t.drop_off_inferred < 0),
        ),
        Rule("times_forward", "no step is taken before the one before it", lambda t: t.mean_step_s < 0),
    ),
)


def funnel_articles_contract(funnel: FunnelParams) -> Contract:
    """Its columns are named by the steps."""
    kinds = {
        "strict": "took {} with it after every step before",
        "inferred": "took {} with it, or a later step",
    }
    return Contract(
        "funnel_articles",
        "one row per article and day (UTC) on which sessions with a step of it started",
        (
            Column("day", "date", "the day (UTC) the sessions started"),
            _text("article_id", "the article"),
            _count("sessions", "sessions with a step of it", "sessions"),
            *(
                _count(f"{kind}_{step.name}", meaning.format(step.name), "sessions")
                for kind, meaning in kinds.items()
                for step in funnel.steps
            ),
        ),
        key=("day", "article_id"),
        rules=(
            Rule(
                "strict_at_most_inferred",
                "a strict path is an inferred one",
                lambda t: ibis.or_(*(t[f"strict_{s.name}"] > t[f"inferred_{s.name}"] for s in funnel.steps)),
            ),
        ),
    )
