"""Events in OTTO's layout: a line per visitor, `{"session": …, "events": [{"aid", "ts", "type"}, …]}`."""

from pathlib import Path

import ibis
import ibis.expr.types as ir

from ml_etl.engine import Engine

_TYPES = {"clicks": "click", "carts": "add_to_cart", "orders": "purchase"}
_SCHEMA = {"session": "int64", "events": "array<struct<aid: int64, ts: int64, type: string>>"}


def read_otto(engine: Engine, path: Path) -> ir.Table:
    """One row per event. Its id is the visitor and the event's place in the list: the layout has none.

    What the layout calls a session is all a visitor did in four weeks; sessions are told from the pauses.
    The moment it came in is not told: it is the moment it happened.
    """
    visitors = engine.read_json(path, _SCHEMA)
    places = visitors.mutate(place=ibis.range(0, visitors.events.length()).unnest())
    event = places.events[places.place]
    moment = ibis.timestamp("1970-01-01") + event["ts"].as_interval("ms")
    visitor = places.session.cast("string")
    return places.select(
        event_id=visitor + "-" + places.place.cast("string"),
        visitor_id=visitor,
        event_type=event["type"].substitute(_TYPES),
        article_id=event["aid"].cast("string"),
        created_at=moment,
        ingested_at=moment,
    )
