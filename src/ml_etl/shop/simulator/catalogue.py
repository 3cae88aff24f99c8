"""The articles: what they are, how long they are sold, and how well."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ml_etl.shop.simulator import goods, published
from ml_etl.shop.simulator.plan import Plan, between

LINES_SOLD = ((-4.5, 0.0), (0.0, 4.17), (0.7, 5.7), (2.345, 8.09), (4.3, 10.83))
"""Lines of an article at full size: (standard normal quantile, logarithm), by what is published of them."""
_SOLD_BEFORE = 0.24
"""Share of articles that are for sale on the first day."""
_MEDIAN_LIFE_DAYS, _LIFE_SPREAD = 215.0, 0.85
_COLOURS_A_PRODUCT = 2.3


@dataclass(frozen=True)
class Catalogue:
    """One row per article, those of an index group together. Days count from the first; `price` in units."""

    group: np.ndarray
    product_group: np.ndarray
    begins: np.ndarray
    life: np.ndarray
    appeal: np.ndarray
    price: np.ndarray
    product: np.ndarray

    @property
    def bounds(self) -> np.ndarray:
        """Where each index group begins, and where the last one ends."""
        return np.searchsorted(self.group, np.arange(len(published.INDEX_GROUPS) + 1))


def catalogue(plan: Plan) -> Catalogue:
    """Draw the articles; colours of one product are alike in all but appeal."""
    count, draws = plan.articles, plan.draws(3)
    starts = np.r_[True, draws.random(count - 1) < 1 / _COLOURS_A_PRODUCT]
    product = np.cumsum(starts) - 1
    products = int(product[-1]) + 1
    group = np.sort(
        draws.choice(len(published.INDEX_GROUPS), size=products, p=_shares(published.INDEX_GROUPS))
    )
    kind = draws.choice(len(published.PRODUCT_GROUPS), size=products, p=_shares(published.PRODUCT_GROUPS))
    before = draws.random(products) < _SOLD_BEFORE
    life = np.exp(np.log(_MEDIAN_LIFE_DAYS) + _LIFE_SPREAD * draws.standard_normal(products))
    begins = np.where(before, -life * draws.random(products) * 0.8, published.DAYS * draws.random(products))
    begins[0], life[0] = 0, published.DAYS  # so that every day has something
    price = goods.prices(draws, kind)
    return Catalogue(
        group[product],
        kind[product],
        begins[product].astype(np.int32),
        np.maximum(life[product], 7).astype(np.int32),
        between(LINES_SOLD, draws.standard_normal(count)),
        price[product],
        product,
    )


def _shares(of: dict[str, float]) -> np.ndarray:
    shares = np.array(list(of.values()))
    return shares / shares.sum()


def course(age: np.ndarray) -> np.ndarray:
    """How an article sells over its life (0 to 1): a quick rise, a long decline; nothing before or after."""
    return np.where((age >= 0) & (age < 1), (0.05 + age) * np.exp(-3.5 * age), 0.0)


def demand(articles: Catalogue, day: int) -> np.ndarray:
    """float64 per article: its share of what is sold that day, but for a factor.

    An article's lines are those of the days it is sold on in the shop's time: one that was sold before, or
    will be after it, sells more a day.
    """
    seen = np.minimum(articles.begins + articles.life, published.DAYS) - np.maximum(articles.begins, 0)
    return articles.appeal * course((day - articles.begins) / articles.life) / np.maximum(seen, 1)


def ids(plan: Plan, articles: Catalogue) -> pa.Array:
    """A text of ten digits per article: the product's seven, and the colour's three."""
    first = np.r_[True, articles.product[1:] != articles.product[:-1]]
    place = np.arange(plan.articles) - np.maximum.accumulate(np.where(first, np.arange(plan.articles), 0))
    numbers = (100_000 + articles.product.astype(np.int64)) * 1000 + 1 + place
    return pa.array(np.char.zfill(numbers.astype(str), 10).astype(object))
