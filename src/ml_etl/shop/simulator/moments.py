"""The purchase lines again, as numbers in order of time: what events and reviews are made around."""

import datetime as dt

import numpy as np

from ml_etl.shop.clicks import chance
from ml_etl.shop.clicks.sessions import Lines
from ml_etl.shop.simulator import published
from ml_etl.shop.simulator.plan import Plan
from ml_etl.shop.simulator.purchases import Day

_HOUR = 3_600_000_000
_OPENS, _CLOSES = 6, 20
"""Hours (UTC) between which people buy: in Stockholm that is the same day, summer and winter."""


class Bought:
    """Takes the days and gives their lines; a basket's lines have one moment."""

    def __init__(self, plan: Plan):
        self._seed = plan.seed
        self._first = (published.FIRST_DAY - dt.date(1970, 1, 1)).days
        self._parts: list[tuple[np.ndarray, ...]] = []

    def add(self, number: int, day: Day) -> None:
        """Add the day of this number, counted from the first."""
        share = chance.uniform(chance.key(self._seed, day.basket, 0x0DA), 1)
        hours = 24 * (self._first + number) + _OPENS + (_CLOSES - _OPENS) * share
        at = (hours * _HOUR).astype(np.int64) // 1_000_000 * 1_000_000
        order = np.argsort(at, kind="stable")
        columns = (at, day.customer, day.basket.astype(np.int32), day.article, day.price.astype(np.int32))
        self._parts.append(tuple(column[order] for column in columns))

    def lines(self) -> Lines:
        """All lines; what was added is given away."""
        at, customer, basket, article, price = (np.concatenate(of) for of in zip(*self._parts, strict=True))
        self._parts.clear()
        one = np.broadcast_to(np.int64(1), len(at))
        return Lines(at, customer, basket, article, one, price * published.PRICE_UNIT)
