"""The tables of counts: by day, and summed over the last days."""

from ml_etl.contracts import Column, Contract, Rule
from ml_etl.pipelines.events.contracts import count, text
from ml_etl.pipelines.events.types import COUNTS, TYPES

_COUNT_COLUMNS = (
    count("event_count", "its events"),
    *(count(f"{name}_count", f"its events of type {name}") for name in TYPES),
    count("other_count", "its events of types that are not known"),
)

COUNTED = Contract(
    "daily_counts",
    "one row per customer, article or the total, and day (UTC) with an event of theirs; without bots'",
    (
        text("level", "customer (events of sessions in which they were logged in), article or total"),
        text("id", "the customer or the article; all"),
        Column("day", "date", "the day (UTC)"),
        *_COUNT_COLUMNS,
        count("bot_events", "of the total: events of bots, which are counted nowhere else"),
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
        text("level", "customer or article"),
        text("id", "the customer or the article"),
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
