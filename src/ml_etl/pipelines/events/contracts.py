"""The tables of events and of sessions: columns, keys and what must hold of each row."""

import ibis
import ibis.expr.types as ir

from ml_etl.contracts import MONEY, MONEY_SUM, Column, Contract, Rule
from ml_etl.pipelines.events.types import COUNTS, TYPES

MOMENT = "timestamp(6)"
"""Moments are UTC and without a zone, in microseconds, as Parquet keeps them."""


def text(name: str, meaning: str) -> Column:
    return Column(name, "string", meaning)


def count(name: str, meaning: str, unit: str = "events") -> Column:
    return Column(name, "int64", meaning, unit)


_RAW = (
    text("event_id", "the event; of rows that repeat it, the one that came in first"),
    text("visitor", "who is counted as one: visitor_id, else customer: and the customer"),
    text("visitor_id", "the browser or device; null where the tracker has none"),
    text("session_id", "the tracker's session; null where it tells none"),
    text("customer_id", "who was logged in; null before a login"),
    text("event_type", "view, click, wishlist, add_to_cart, …; types that are not known are kept"),
    text("article_id", "the article; null for a search or a checkout"),
    text("campaign_id", "the campaign that brought the visitor"),
    text("channel", "where from"),
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
        text("session_key", "its session: the event of it that came in first, ties by event_id"),
        text("session_customer_id", "the session's customer, also of the events before the login"),
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
        text("session_key", "the session: its event that came in first, ties by event_id"),
        text("visitor", "whose it is"),
        text("session_id", "the tracker's session; null where it tells none"),
        text("customer_id", "who was logged in at any time of it; null where nobody was"),
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
        count("event_count", "its events"),
        *(count(f"{name}_count", f"its events of type {name}") for name in TYPES),
        count("other_count", "its events of types that are not known"),
        Column("distinct_articles", "int64", "distinct articles in it", "articles"),
        text("entry_type", "type of the first event"),
        text("entry_article_id", "article of the first event that has one"),
        text("exit_type", "type of the last event"),
        text("exit_article_id", "article of the last event that has one"),
        text("campaign_id", "its first campaign"),
        text("channel", "its first channel"),
        Column("cart_items_left", "int64", "added less removed since its last purchase", "units"),
        Column(
            "cart_value",
            MONEY_SUM,
            "value added to the cart less that removed; null without prices",
            "currency",
        ),
        Column("revenue", MONEY_SUM, "value of its purchases; null without prices", "currency"),
        Column("converted", "boolean", "has a purchase"),
        text("furthest_step", "the furthest step of the funnel with an event; null without any"),
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
