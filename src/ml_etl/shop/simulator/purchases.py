"""Who buys what on a day."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ml_etl.shop.simulator import published
from ml_etl.shop.simulator.catalogue import Catalogue, demand
from ml_etl.shop.simulator.people import TASTES, People
from ml_etl.shop.simulator.plan import Plan
from ml_etl.shop.simulator.seasons import lines_per_day, of_product_groups

_OWN_GROUP, _SAME_AGAIN, _BACK_FOR_IT = 0.75, 0.115, 0.05
"""Chances of a line: of the customer's own index group; the line before again; the last basket's article."""
_SALE_FROM, _SALE = 0.6, 0.3
"""From this share of its life on an article costs less, and how much at the end."""


@dataclass(frozen=True)
class Day:
    """The lines of a day, those of a basket together; customers and articles by number, price in units."""

    customer: np.ndarray
    article: np.ndarray
    basket: np.ndarray
    price: np.ndarray
    online: np.ndarray

    def __len__(self) -> int:
        return len(self.customer)


def purchases(plan: Plan, people: People, articles: Catalogue) -> Iterator[Day]:
    """Day after day from the first. A basket is what a customer buys on a day; they are numbered on."""
    days = plan.days
    wanted = lines_per_day(days, plan.transactions)
    upto = np.cumsum(people.rates[: people.buyers])
    last = np.full(people.buyers, -1, np.int32)
    seasons = [_seasonal(of_product_groups(day), articles) for day in _firsts(days)]
    month = np.cumsum([day.day == 1 for day in days])
    baskets = 0
    for number, lines in enumerate(wanted):
        draws = plan.draws(5, number)
        who = _baskets(draws, people, upto, number, int(lines))
        found = _day(draws, people, articles, who, last, number, int(lines), seasons[month[number]])
        yield Day(found.customer, found.article, found.basket + baskets, found.price, found.online)
        baskets += int(found.basket[-1]) + 1 if len(found) else 0


def _firsts(days: list) -> list:
    """The first day, and the first of each month after it."""
    return [days[0], *(day for day in days[1:] if day.day == 1)]


def _seasonal(factors: dict[str, float], articles: Catalogue) -> np.ndarray:
    return np.array([factors.get(name, 1.0) for name in published.PRODUCT_GROUPS])[articles.product_group]


def _baskets(
    draws: np.random.Generator, people: People, upto: np.ndarray, day: int, lines: int
) -> np.ndarray:
    """The customers who buy, more than enough for so many lines: first those who come that day."""
    before, here = np.searchsorted(people.came[: people.buyers], [day, day + 1])
    new = np.arange(before, here)
    drawn = np.searchsorted(upto[:here], draws.random(20 + int(1.3 * lines)) * upto[here - 1], "right")
    drawn = drawn[people.left[drawn] > day]
    first = np.unique(drawn, return_index=True)[1]
    again = drawn[np.sort(first)]
    found = np.r_[new, again[again < before]]
    return found if len(found) else np.zeros(1, np.int64)  # the first customer never leaves


def _day(
    draws: np.random.Generator,
    people: People,
    articles: Catalogue,
    who: np.ndarray,
    last: np.ndarray,
    day: int,
    lines: int,
    season: np.ndarray,
) -> Day:
    sizes = draws.geometric(1 / people.basket[who])
    sizes *= -(-lines // int(sizes.sum()))  # few customers, and a campaign
    enough = int(np.searchsorted(np.cumsum(sizes), lines)) + 1
    who, sizes = who[:enough], sizes[:enough]
    place = np.repeat(np.arange(len(who)), sizes)[:lines]
    customer = who[place].astype(np.int32)
    article = _articles(draws, articles, people.taste[customer], day, season)
    begins = np.r_[True, place[1:] != place[:-1]][: len(place)]
    back = begins & (draws.random(len(place)) < _BACK_FOR_IT) & (last[customer] >= 0)
    article = np.where(back, last[customer], article)
    article = _repeated(article, ~begins & (draws.random(len(place)) < _SAME_AGAIN))
    last[customer] = article
    online = (draws.random(len(who)) < published.ONLINE_SHARE)[place]
    return Day(customer, article.astype(np.int32), place, _price(articles, article, day), online)


def _articles(
    draws: np.random.Generator, articles: Catalogue, taste: np.ndarray, day: int, season: np.ndarray
) -> np.ndarray:
    """An article per line: of all that is sold, or of what the customer's own index group sells."""
    upto = np.r_[0.0, np.cumsum(demand(articles, day) * season)]
    low, high = upto[articles.bounds[:-1]][taste], upto[articles.bounds[1:]][taste]
    own = (draws.random(len(taste)) < _OWN_GROUP) & (high > low)
    low, high = np.where(own, low, 0.0), np.where(own, high, upto[-1])
    at = low + draws.random(len(taste)) * (high - low)
    return np.minimum(np.searchsorted(upto, at, "right") - 1, len(upto) - 2)


def _repeated(article: np.ndarray, again: np.ndarray) -> np.ndarray:
    """Where `again`, the article of the line before, which may be repeated itself."""
    return article[np.maximum.accumulate(np.where(again, 0, np.arange(len(article))))]


def _price(articles: Catalogue, article: np.ndarray, day: int) -> np.ndarray:
    """int64 in units: less towards the end of an article's life."""
    age = (day - articles.begins[article]) / articles.life[article]
    off = _SALE * np.clip((age - _SALE_FROM) / (1 - _SALE_FROM), 0, 1)
    return np.maximum(np.round(articles.price[article] * (1 - off) / 10), 1).astype(np.int64) * 10 - 1


assert list(TASTES) == list(published.INDEX_GROUPS), "tastes are numbered as index groups"
