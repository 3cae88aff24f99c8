"""From clicks to rows of a tracker: ids, logins, devices, and rows that come in late, twice, out of order."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml_etl.shop.clicks import chance
from ml_etl.shop.clicks.sessions import NAMES, PURCHASE, SEARCH, Clicks, Lines

LATE, TWICE = 0.05, 0.02
_SECOND = 1_000_000
_SHORTEST_LATE_S, _LONGEST_LATE_S = 5 * 60, 47.5 * 3600
_CHANNELS = np.array(["web", "app", "email"], dtype=object)


def rows(clicks: Clicks, lines: Lines, customers: np.ndarray, articles: np.ndarray, salt: int) -> pa.Table:
    """The events as a tracker sends them, repetitions included, in order of `ingested_at`."""
    order = np.lexsort((clicks.kind, clicks.at, clicks.session))
    clicks = Clicks(*(getattr(clicks, name)[order] for name in Clicks.__dataclass_fields__))
    place = _places(clicks.session)
    event = chance.key(salt, clicks.session, place, clicks.line)
    came = clicks.at + _delay(event)
    twice = np.flatnonzero(chance.uniform(event, 11) < TWICE)
    again = came[twice] + ((1 + 600 * chance.uniform(event[twice], 12)) * _SECOND).astype(np.int64)
    which, ingested = np.r_[np.arange(len(event)), twice], np.r_[came, again]
    order = np.lexsort((which, ingested))
    which, ingested = which[order], ingested[order] // 1000 * 1000
    columns = _columns(clicks, place, event, lines, customers, articles)
    told = pa.table({name: column.take(pa.array(which)) for name, column in columns.items()})
    moments = pa.array(ingested, pa.timestamp("us"))
    return told.append_column("ingested_at", moments).append_column(
        "simulated", pa.array(np.ones(len(which), bool))
    )


def _places(session: np.ndarray) -> np.ndarray:
    """An event's place in its session, whose events stand together."""
    if not len(session):
        return session.astype(np.int64)
    starts = np.flatnonzero(np.r_[True, session[1:] != session[:-1]])
    return np.arange(len(session)) - np.repeat(starts, np.diff(np.r_[starts, len(session)]))


def _delay(event: np.ndarray) -> np.ndarray:
    """Seconds for most, up to three minutes for some (out of order), minutes to two days for the late."""
    usual = 0.2 + chance.exponential(event, 8, 1.5)
    slow = np.where(chance.uniform(event, 9) < 0.02, 180 * chance.uniform(event, 10), 0)
    draw = chance.uniform(event, 13)
    late = _SHORTEST_LATE_S * (_LONGEST_LATE_S / _SHORTEST_LATE_S) ** (draw / LATE)
    return (np.where(draw < LATE, late, usual + slow) * _SECOND).astype(np.int64)


def _columns(
    clicks: Clicks,
    place: np.ndarray,
    event: np.ndarray,
    lines: Lines,
    customers: np.ndarray,
    articles: np.ndarray,
) -> dict[str, pa.Array]:
    session = clicks.session
    device = (chance.uniform(session, 20) < 0.2).astype(np.int64)
    visitor = chance.hexadecimal(chance.key(clicks.customer, device, 0xDE))
    app = chance.uniform(session, 21) < 0.35
    mailed = ~app & (chance.uniform(session, 22) < 0.12)
    campaign = 1 + (12 * chance.uniform(session, 23)).astype(np.int64)
    about, line = clicks.line >= 0, np.maximum(clicks.line, 0)
    priced = about & (clicks.kind > SEARCH)
    return {
        "event_id": _texts(chance.hexadecimal(event)),
        "visitor_id": _texts(visitor),
        "session_id": _texts(chance.hexadecimal(chance.mixed(session)), ~app),
        "customer_id": pa.array(customers[clicks.customer], pa.string(), mask=~_logged_in(clicks, place)),
        "event_type": pa.array(NAMES[clicks.kind], pa.string()),
        "article_id": pa.array(articles[lines.article[line]], pa.string(), mask=~about),
        "campaign_id": pa.array(np.char.add("campaign-", campaign.astype(str)), pa.string(), mask=~mailed),
        "channel": pa.array(_CHANNELS[np.where(app, 1, np.where(mailed, 2, 0))], pa.string()),
        "quantity": pa.array(lines.quantity[line], mask=~priced),
        "price": pa.array(lines.price[line], mask=~priced | np.isnan(lines.price[line])),
        "created_at": pa.array(clicks.at // 1000 * 1000, pa.timestamp("us")),
    }


def _logged_in(clicks: Clicks, place: np.ndarray) -> np.ndarray:
    """A quarter from the start, a third from somewhere in between, others never; buyers before they buy."""
    draw = chance.uniform(clicks.session, 24)
    middle = 1 + (6 * chance.uniform(clicks.session, 25)).astype(np.int64)
    buys = np.isin(clicks.session, clicks.session[clicks.kind == PURCHASE])
    never = (draw >= 0.58) & ~buys
    return ~never & ((draw < 0.25) | (place >= middle) | (clicks.kind == PURCHASE))


def _texts(digits: np.ndarray, mask: np.ndarray | None = None) -> pa.Array:
    fixed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(digits), [None, pa.py_buffer(np.ascontiguousarray(digits))]
    )
    texts = fixed.cast(pa.binary()).cast(pa.string())
    return texts if mask is None else pc.if_else(pa.array(mask), pa.scalar(None, pa.string()), texts)
