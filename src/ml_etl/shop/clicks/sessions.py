"""Who clicks what, when: sessions that end in a real basket, and sessions that only browse."""

from dataclasses import dataclass

import numpy as np

from ml_etl.shop.clicks import chance

VIEW, SEARCH, WISHLIST, ADD, REMOVE, CHECKOUT, PURCHASE = range(7)
NAMES = np.array(
    ["view", "search", "wishlist", "add_to_cart", "remove_from_cart", "checkout", "purchase"], dtype=object
)
_SECOND, _HOUR = 1_000_000, 3_600_000_000
"""Moments are whole microseconds since 1970."""

_FROM_HOUR = 12
"""People look from seven in the morning until eleven at night, in the demo shop's time zone; this is UTC."""

_LONGEST_PAUSE = 25 * 60 * _SECOND
"""Below the gap that ends a session: these sessions stay whole."""


@dataclass(frozen=True)
class Lines:
    """Purchase lines in order of time; `customer` and `basket` are numbers, `article` an index of ids."""

    at: np.ndarray
    customer: np.ndarray
    basket: np.ndarray
    article: np.ndarray
    quantity: np.ndarray
    price: np.ndarray

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: np.ndarray) -> "Lines":
        return Lines(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Clicks:
    """Events. `line` is the purchase line an event is about (-1: none), `session` the key of its session."""

    session: np.ndarray
    customer: np.ndarray
    at: np.ndarray
    kind: np.ndarray
    line: np.ndarray

    @classmethod
    def none(cls) -> "Clicks":
        whole = np.empty(0, np.int64)
        return cls(whole.astype(np.uint64), whole, whole, whole, whole)

    @classmethod
    def together(cls, some: list["Clicks"]) -> "Clicks":
        return cls(
            *(np.concatenate([getattr(one, name) for one in some]) for name in cls.__dataclass_fields__)
        )


def browsing(customers: np.ndarray, day: int, lines: Lines, rate: float, salt: int) -> Clicks:
    """Sessions of customers who only look on the day numbered `day`; a third put something in the cart.

    `rate`: sessions per customer, the whole ones for each of them and the rest by chance.
    """
    whole, rest = divmod(rate, 1.0)
    visitors = chance.key(salt, customers, day)
    some = chance.uniform(visitors, 1) < rest
    keys = np.concatenate([visitors[some], *(chance.key(visitors, n) for n in range(1, int(whole) + 1))])
    who = np.concatenate([customers[some], np.tile(customers, int(whole))])
    began = day * 24 * _HOUR + ((_FROM_HOUR + 16 * chance.uniform(keys, 2)) * _HOUR).astype(np.int64)
    return _looks(keys, who, began, lines, mean=7.4)


def _looks(keys: np.ndarray, who: np.ndarray, began: np.ndarray, lines: Lines, mean: float) -> Clicks:
    count = 1 + chance.geometric(keys, 3, mean)
    session = np.repeat(np.arange(len(keys)), count)
    place = np.arange(len(session)) - np.repeat(np.cumsum(count) - count, count)
    event = chance.key(keys[session], place)
    at = began[session] + _within(_pauses(event), session, len(keys))
    draw, carts = chance.uniform(event, 5), (chance.uniform(keys, 6) < 0.33)[session]
    kind = np.select(
        [draw < 0.05, draw < 0.07, carts & (draw < 0.24), carts & (draw < 0.26)],
        [SEARCH, WISHLIST, ADD, REMOVE],
        VIEW,
    )
    line = _known_line(event, at, lines)
    line[kind == SEARCH] = -1
    known = (line >= 0) | (kind == SEARCH)
    found = Clicks(keys[session], who[session], at, kind, line)
    return Clicks(*(getattr(found, name)[known] for name in Clicks.__dataclass_fields__))


def _known_line(event: np.ndarray, at: np.ndarray, lines: Lines) -> np.ndarray:
    """A line sold before that moment: what sells much is looked at much, and nothing before it is known."""
    earlier = np.searchsorted(lines.at, at)
    return np.where(earlier > 0, (chance.uniform(event, 7) * earlier).astype(np.int64), -1)


def buying(lines: Lines, rows: np.ndarray, salt: int) -> Clicks:
    """Per basket (whose rows stand together) the session that ends in it.

    Each line is looked at and put into the cart, then comes the checkout and, at the basket's own moment,
    the purchase. One basket in seven was filled hours before and left: it is recovered.
    """
    if not len(rows):
        return Clicks.none()
    bought = lines.take(rows)
    starts = np.r_[True, bought.basket[1:] != bought.basket[:-1]]
    first, basket = np.flatnonzero(starts), np.cumsum(starts) - 1
    keys = chance.key(salt, bought.basket[first], 0xBA5)
    looks = 1 + chance.geometric(chance.key(keys[basket], rows), 1, 1.0)
    before = _before_purchase(keys, basket, rows, looks)
    end = bought.at[first] - (20 + 70 * chance.uniform(keys, 2)) * _SECOND
    left = np.where(chance.uniform(keys, 3) < 0.15, (2 + 18 * chance.uniform(keys, 4)) * _HOUR, 0)
    of, end = before.session, end.astype(np.int64)
    took = np.maximum.reduceat(before.at, np.searchsorted(of, np.arange(len(keys))))
    at = (end - left.astype(np.int64) - 5 * _SECOND - took)[of] + before.at
    who = bought.customer[first]
    filled_in = np.where(left > 0, chance.mixed(keys), keys)
    return Clicks.together(
        [
            Clicks(filled_in[of], who[of], at, before.kind, before.line),
            Clicks(keys, who, end, np.full(len(keys), CHECKOUT), np.full(len(keys), -1)),
            Clicks(keys[basket], bought.customer, bought.at, np.full(len(rows), PURCHASE), rows),
        ]
    )


def _before_purchase(keys: np.ndarray, basket: np.ndarray, rows: np.ndarray, looks: np.ndarray) -> Clicks:
    """Looks and additions in order; `at` counts from the session's start, `session` numbers the basket."""
    count = looks + 1
    row = np.repeat(np.arange(len(rows)), count)
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    kind = np.where(place == looks[row], ADD, VIEW)
    session = basket[row]
    event = chance.key(keys[session], rows[row], place)
    return Clicks(session, session, _within(_pauses(event), session, len(keys)), kind, rows[row])


def _pauses(event: np.ndarray) -> np.ndarray:
    pause = (2 + chance.exponential(event, 4, 28)) * _SECOND
    return np.minimum(pause, _LONGEST_PAUSE).astype(np.int64) // 1000 * 1000


def _within(pauses: np.ndarray, session: np.ndarray, sessions: int) -> np.ndarray:
    """Time since the session's first event, whose own pause does not count."""
    total = np.cumsum(pauses)
    first = np.searchsorted(session, np.arange(sessions))
    return total - total[first][session] if len(session) else total
