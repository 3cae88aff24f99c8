"""Events that a person can check by eye: numbered, in minutes since T0."""

import datetime as dt
from typing import Any

from tests.clicks.place import T0


def event(number: int | str, minute: float, event_type: str = "view", **changed: Any) -> dict[str, Any]:
    """Event `e<number>` of visitor v, that came in at once, unless `late` (minutes) says otherwise."""
    late = changed.pop("late", 0)
    at = T0 + dt.timedelta(minutes=minute)
    return {
        "event_id": f"e{number}",
        "visitor_id": "v",
        "session_id": None,
        "customer_id": None,
        "event_type": event_type,
        "article_id": "a1",
        "campaign_id": None,
        "channel": None,
        "quantity": None,
        "price": None,
        "created_at": at,
        "ingested_at": at + dt.timedelta(minutes=late),
        "simulated": False,
        **changed,
    }


def at(minute: float) -> dt.datetime:
    return T0 + dt.timedelta(minutes=minute)


LATER = at(10 * 24 * 60)
"""An as-of by which every session of these tests is over."""
