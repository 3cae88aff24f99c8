"""How large a simulated shop is, and its draws."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from ml_etl.shop.simulator import published

_EVENTS_PER_LINE, _REVIEWS_PER_LINE = 20e6 / published.LINES, 500e3 / published.LINES
_FEWEST_CUSTOMERS, _FEWEST_ARTICLES = 50, 40


@dataclass(frozen=True)
class Plan:
    """What is to be simulated. Customers and articles follow the number of purchase lines; the days don't.

    `events`, `reviews`: about how many; None: as many as suit the lines.
    """

    transactions: int
    seed: int
    events: int | None = None
    reviews: int | None = None

    @property
    def customers(self) -> int:
        return max(_FEWEST_CUSTOMERS, round(self._scale * published.CUSTOMERS))

    @property
    def articles(self) -> int:
        return max(_FEWEST_ARTICLES, round(self._scale * published.ARTICLES))

    @property
    def wanted_events(self) -> int:
        return round(self.transactions * _EVENTS_PER_LINE) if self.events is None else self.events

    @property
    def wanted_reviews(self) -> int:
        return round(self.transactions * _REVIEWS_PER_LINE) if self.reviews is None else self.reviews

    @property
    def days(self) -> list[dt.date]:
        return [published.FIRST_DAY + dt.timedelta(days=n) for n in range(published.DAYS)]

    @property
    def _scale(self) -> float:
        return self.transactions / published.LINES

    def draws(self, stream: int, part: int = 0) -> np.random.Generator:
        """Random numbers of their own for each stream (what is drawn) and part (a day)."""
        return np.random.Generator(np.random.Philox(key=[self.seed, stream << 32 | part]))


def between(points: tuple[tuple[float, float], ...], normal: np.ndarray) -> np.ndarray:
    """exp of the straight line through (standard normal quantile, log of the value) at these quantiles."""
    places, logs = np.array(points).T
    return np.exp(np.interp(normal, places, logs))
