"""The simulation day by day, straight to Parquet: memory holds a few days, however many there are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ml_etl.shop.clicks import chance
from ml_etl.shop.clicks.arrivals import rows
from ml_etl.shop.clicks.sessions import Clicks, Lines, browsing, buying

_DAY = 24 * 3_600_000_000
_GROUP_ROWS = 122_880


@dataclass(frozen=True)
class Rates:
    """How much is clicked, as constants: what they give of a day does not depend on other days.

    With the defaults, views, additions to the cart and purchases come to about 90, 7.8 and 2.4 percent, as
    OTTO publishes of its shop (github.com/otto-de/recsys-dataset), and a year of the demo shop to about a
    million events.
    """

    online_share: float = 0.0143
    sessions_per_customer_day: float = 0.123


def simulate(
    lines: Lines,
    customers: np.ndarray,
    articles: np.ndarray,
    path: Path,
    rates: Rates,
    salt: int = 0,
    days: int | None = None,
    seen: Callable[[int, Clicks], None] = lambda day, clicks: None,
) -> int:
    """Write the events around these purchase lines in order of `ingested_at`; gives the number of rows.

    Lines, customers and articles are numbered in the order they first appear, so that later ones change no
    earlier number; `customers` and `articles` are their ids. What a customer does on a day is drawn by both,
    and a basket's session by the basket: later lines change no earlier event, they only add what leads
    to their own baskets. Rows that come in after the last line are not there yet.
    `days`: only the first so many. `seen` is told of each day's clicks, and how many days there were before.
    """
    written, waiting = 0, rows(Clicks.none(), lines, customers, articles, salt)
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(path, waiting.schema, compression="zstd") as writer:
        for number, (day, clicks) in enumerate(_days(lines, rates, salt, days)):
            seen(number, clicks)
            came = rows(clicks, lines, customers, articles, salt)
            waiting = pa.concat_tables([waiting, came]).sort_by(
                [("ingested_at", "ascending"), ("event_id", "ascending")]
            )
            ready = _before(waiting, day * _DAY)
            if ready >= _GROUP_ROWS:
                writer.write_table(waiting.slice(0, ready))
                written, waiting = written + ready, waiting.slice(ready)
        rest = waiting.slice(0, _before(waiting, int(lines.at[-1]) + 1))
        writer.write_table(rest)
    return written + rest.num_rows


def _days(lines: Lines, rates: Rates, salt: int, days: int | None) -> Iterator[tuple[int, Clicks]]:
    """Each day (UTC, since 1970) from the first line's to the last's, and what is clicked for it."""
    first, last = int(lines.at[0] // _DAY), int(lines.at[-1] // _DAY)
    known_from = lines.at[np.unique(lines.customer, return_index=True)[1]]
    online = _online(lines, rates, salt)
    for day in range(first, min(last, first + (days or last) - 1) + 1):
        there = np.flatnonzero(known_from < day * _DAY)
        today = np.arange(*np.searchsorted(lines.at, [day * _DAY, (day + 1) * _DAY]))
        today = today[online[today]]
        today = today[np.argsort(lines.basket[today], kind="stable")]
        looked = browsing(there, day, lines, rates.sessions_per_customer_day, salt)
        yield day, Clicks.together([looked, buying(lines, today, salt)])


def _online(lines: Lines, rates: Rates, salt: int) -> np.ndarray:
    """Which lines are of baskets that were bought online."""
    return chance.uniform(chance.key(salt, lines.basket, 0x0B), 1) < rates.online_share


def _before(table: pa.Table, moment: int) -> int:
    """How many rows came in before the moment: later days bring none of these."""
    came = table.column("ingested_at").cast(pa.int64()).to_numpy()
    return int(np.searchsorted(came, moment))
