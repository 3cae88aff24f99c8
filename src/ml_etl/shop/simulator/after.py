"""What comes of purchases: the clicks around them, and the reviews after them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml_etl.files import whole
from ml_etl.shop import clicks
from ml_etl.shop.clicks import chance
from ml_etl.shop.clicks.sessions import Clicks, Lines
from ml_etl.shop.reviews import simulate
from ml_etl.shop.reviews.fashion import FASHION
from ml_etl.shop.simulator import published
from ml_etl.shop.simulator.people import People
from ml_etl.shop.simulator.plan import Plan
from ml_etl.shop.simulator.truth import Sessions, article_keys

_BOUGHT_SHARE, _EVENTS_PER_BOUGHT_LINE, _EVENTS_PER_SESSION = 0.024, 3.25, 8.45
"""Of events: the purchases'; per line bought online, in sessions that end so; per session that only looks."""


def events(
    plan: Plan,
    lines: Lines,
    people: People,
    names: tuple[pa.Array, pa.Array],
    path: Path,
    sessions: Sessions | None,
    progress: Callable[[str, int, int], None],
) -> int:
    """Write the clickstream; gives its rows."""
    customers, articles = (name.to_numpy(zero_copy_only=False).astype(object) for name in names)

    def seen(day: int, of_day: Clicks) -> None:
        if sessions:
            sessions.add(of_day)
        progress("events", day, published.DAYS)

    with whole(path) as beside:
        rows = clicks.simulate(lines, customers, articles, beside, _rates(plan, people), plan.seed, seen=seen)
    if sessions:
        sessions.close()
    return rows


def _rates(plan: Plan, people: People) -> clicks.Rates:
    """As many clicks as the plan wants, in the shares that OTTO publishes (see `clicks.Rates`)."""
    bought = _BOUGHT_SHARE * plan.wanted_events
    looks = plan.wanted_events - _EVENTS_PER_BOUGHT_LINE * bought
    customer_days = int((published.DAYS - people.came[: people.buyers]).sum())
    return clicks.Rates(bought / plan.transactions, looks / _EVENTS_PER_SESSION / customer_days)


def reviews(plan: Plan, lines: Lines, customers: pa.Array, articles: pa.Table) -> pa.Table:
    """The source table `reviews`: of some lines, in words for clothes."""
    keys = chance.key(plan.seed, np.arange(len(lines)), 0x4E)
    some = np.flatnonzero(chance.uniform(keys, 1) < plan.wanted_reviews / plan.transactions)
    customer, article = lines.customer[some], lines.article[some]
    told = pa.table(
        {
            "at": pa.array(lines.at[some], pa.timestamp("us")),
            "customer_id": customers.take(pa.array(customer)),
            "article_id": articles["article_id"].take(pa.array(article)),
            "noun": pc.utf8_lower(articles["product_type_name"]).take(pa.array(article)),
            "goods": pa.array(np.full(len(some), "clothes", dtype=object)),
            "digest": _digests(keys[some]),
            "article_digest": _digests(article_keys(plan, article)),
            "customer_digest": _digests(chance.key(plan.seed, customer, 0xC0)),
        }
    )
    return simulate.simulate(told, {"clothes": FASHION})


def _digests(keys: np.ndarray) -> pa.Array:
    return pa.array(chance.hexadecimal(keys).astype(str).astype(object), pa.string())
