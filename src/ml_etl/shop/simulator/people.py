"""The customers: when they come and go, how much they buy, what they like."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ml_etl.shop.clicks import chance
from ml_etl.shop.simulator import published
from ml_etl.shop.simulator.plan import Plan, between

LINES_BOUGHT = ((-4.5, 0.0), (-1.21, 0.7), (0.0, 2.3), (2.0, 4.85), (5.0, 7.5))
"""Lines of a buyer, as (standard normal quantile, logarithm), by what is published of them."""
TASTES = {"Ladieswear": 0.72, "Baby/Children": 0.09, "Divided": 0.09, "Menswear": 0.08, "Sport": 0.02}
"""Share of customers whose purchases are mostly of this index group."""
_OLD_CUSTOMERS = 0.34
"""Share of customers who come in the first sixty days: most of them were customers before."""
_MEAN_STAY_DAYS = 3000.0


@dataclass(frozen=True)
class People:
    """One row per customer, buyers first, in the order of their first purchase. Days count from the first."""

    came: np.ndarray
    left: np.ndarray
    lines: np.ndarray
    basket: np.ndarray
    taste: np.ndarray
    buyers: int

    @property
    def rates(self) -> np.ndarray:
        """Expected baskets a day after the first one, of buyers."""
        baskets = self.lines / self.basket
        days = np.minimum(self.left, published.DAYS) - self.came
        return np.maximum(baskets - 1, 0.02) / np.maximum(days, 1)


def people(plan: Plan) -> People:
    """Draw the customers."""
    count = plan.customers
    buyers = max(1, round(count * published.BUYERS / published.CUSTOMERS))
    draws = plan.draws(1)
    old = draws.random(count) < _OLD_CUSTOMERS
    day = np.where(old, 60 * draws.random(count), published.DAYS * draws.random(count)).astype(np.int32)
    came = np.r_[np.sort(day[:buyers]), day[buyers:]]
    left = came + 1 + draws.exponential(_MEAN_STAY_DAYS, count)
    came[0], left[0] = 0, published.DAYS  # so that every day has somebody
    lines = between(LINES_BOUGHT, draws.standard_normal(count))
    taste = draws.choice(len(TASTES), size=count, p=np.array(list(TASTES.values())))
    basket = 1.4 + 2.7 * lines / (lines + 7)
    return People(came, left.astype(np.int32), lines, basket, taste.astype(np.int8), buyers)


def ids(plan: Plan) -> pa.Array:
    """A text of 64 hexadecimal digits per customer."""
    numbers = np.arange(plan.customers)
    quarters = [chance.key(plan.seed, numbers, part, 0xC5) for part in range(4)]
    digits = np.stack(quarters, axis=1).astype(">u8").tobytes().hex().encode()
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(64), plan.customers, [None, pa.py_buffer(digits)])
    return fixed.cast(pa.binary()).cast(pa.string())


def table(plan: Plan, names: pa.Array) -> pa.Table:
    """The source table `customers`."""
    draws, count = plan.draws(2), plan.customers
    missing = {name: draws.random(count) < share for name, share in published.MISSING.items()}
    flags = {name: pa.array(np.ones(count), mask=missing[name]) for name in ("FN", "Active")}
    known_active = published.CLUB_ACTIVE / (1 - published.MISSING["club_member_status"])
    club = np.where(draws.random(count) < known_active, "ACTIVE", "PRE-CREATE")
    news = np.where(draws.random(count) < published.NO_NEWS, "NONE", "Regularly")
    postal = chance.hexadecimal(chance.key(plan.seed, draws.integers(0, 1 + count // 4, count), 0x90))
    return pa.table(
        {
            "customer_id": names,
            **flags,
            "club_member_status": pa.array(club.astype(object), mask=missing["club_member_status"]),
            "fashion_news_frequency": pa.array(news.astype(object)),
            "age": pa.array(_ages(draws, count), mask=missing["age"]),
            "postal_code": pa.array(postal.astype(str).astype(object)),
        }
    )


def _ages(draws: np.random.Generator, count: int) -> np.ndarray:
    """float64; older than sixty, the older the fewer."""
    bounds, shares = list(published.AGES), np.array(list(published.AGES.values()))
    band = draws.choice(len(bounds), size=count, p=shares / shares.sum())
    low, high = np.array(bounds)[band].T
    within = draws.random(count)
    return np.floor(low + (high + 1 - low) * np.where(low == 60, within**3, within)).astype(float)
