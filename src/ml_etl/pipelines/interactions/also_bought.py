"""Articles bought together: co-occurrence in baskets, in blocks of articles.

The incidence matrix of units and articles is sparse; its product with itself counts every pair. Blocks of
articles bound the memory: on the demo shop all pairs at once would be 36 million.
"""

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from ibis import _
from scipy.sparse import csc_matrix, csr_matrix

from ml_etl.pipelines.interactions.params import AlsoBoughtParams, InteractionsParams
from ml_etl.processes import processors, side_by_side

_PAIRS_PER_BLOCK = 4_000_000
_PAIRS_PER_PROCESS = 40_000_000
"""Pairs counted in the time that it takes to start a process and give it the baskets."""
_BYTES_OF_COPIES = 1_500_000_000
"""What all processes' baskets may take together; each has them twice."""

_MOST_DAYS = 2**22
"""More days than a calendar has."""


def units_and_items(purchases: ir.Table, index: ir.Table, articles: ir.Table) -> ir.Table:
    """The end of the lazy part: the distinct (unit, item) of merchandise, as whole numbers.

    A unit is the basket, below 0, else the customer's day. Numbers are told apart several times as fast as
    texts.
    """
    goods = purchases.filter(_.is_merchandise)
    named = goods.filter(_.basket_id.notnull()).select("basket_id").distinct()
    baskets = named.mutate(basket=ibis.row_number())
    own_day = _.customer_number * _MOST_DAYS + _.age
    numbers = items(index).join(articles.select("article_id", "article_number"), "article_id")
    numbered = (
        goods.select("customer_number", "article_number", "basket_id", "age")
        .join(numbers.select("article_number", "item"), "article_number")
        .left_join(baskets, "basket_id")
    )
    return numbered.select("item", unit=(-1 - _.basket).fill_null(own_day)).distinct()


def items(index: ir.Table) -> ir.Table:
    """One row per article of the index: `item` counts by article_id."""
    order = ibis.window(order_by="article_id")
    return index.select("article_id", item=ibis.row_number().over(order)).order_by("item")


def also_bought(
    pairs: pd.DataFrame, articles: pd.DataFrame, params: InteractionsParams
) -> tuple[pa.Table, dict[str, int]]:
    """Per article the `top` others by cosine, ties by id; and what the cap on large units cut.

    `pairs` holds unit and item, integers, each pair once; `articles` holds article_id by item.
    support = units with both; cosine = support/√(nₐ·n_b); jaccard = support/(nₐ+n_b−support);
    lift = support·N/(nₐ·n_b), N all units.
    """
    ids = articles["article_id"].to_numpy()
    limits = params.also_bought
    units, facts = _capped(_incidence(pairs, len(ids)), limits.max_items_per_unit)
    sold = np.bincount(units.indices, minlength=len(ids))
    frequent = np.flatnonzero(sold >= limits.min_support)
    best = _best_of_all(csc_matrix(units)[:, frequent], sold[frequent], limits)
    found = [np.concatenate(column) for column in zip(*best, strict=True)]
    return _table(ids[frequent], found, sold[frequent], units.shape[0]), facts


_NONE = np.empty(0, dtype=np.int64)
_Best = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _incidence(pairs: pd.DataFrame, n_items: int) -> csr_matrix:
    rows, units = pd.factorize(pairs["unit"])
    entries = np.ones(len(rows), dtype=np.int32)
    return csr_matrix((entries, (rows, pairs["item"].to_numpy())), shape=(len(units), n_items))


def _capped(units: csr_matrix, most: int) -> tuple[csr_matrix, dict[str, int]]:
    """Units of more than `most` articles keep their best-selling ones (ties by id); says what was cut."""
    sizes = np.diff(units.indptr)
    facts = {
        "units": int(units.shape[0]),
        "max_items_per_unit": most,
        "units_capped": int((sizes > most).sum()),
        "items_cut": int(np.maximum(sizes - most, 0).sum()),
    }
    sold = np.bincount(units.indices, minlength=units.shape[1])
    for unit in np.flatnonzero(sizes > most):
        items = units.indices[units.indptr[unit] : units.indptr[unit + 1]]
        cut = np.lexsort((items, -sold[items]))[most:]
        units.data[units.indptr[unit] + cut] = 0
    units.eliminate_zeros()
    return units, facts


def _best_of_all(bought: csc_matrix, sold: np.ndarray, limits: AlsoBoughtParams) -> list[_Best]:
    """The best pairs of blocks of articles, in their order; counted in processes where there are many."""
    reach = np.asarray(bought.T @ np.diff(bought.tocsr().indptr).astype(np.int64)).ravel()
    blocks = _blocks(reach)
    copies = 2 * (bought.data.nbytes + bought.indices.nbytes)
    worth, bounded = int(reach.sum()) // _PAIRS_PER_PROCESS, _BYTES_OF_COPIES // max(copies, 1)
    processes = max(min(processors(), len(blocks), worth, bounded), 1)
    shares = [(blocks[n::processes], bought, sold, limits) for n in range(processes)]
    found = side_by_side(_best_of, shares, processes)
    return [found[n % processes][n // processes] for n in range(len(blocks))] or [(_NONE,) * 4]


def _blocks(reach: np.ndarray) -> list[tuple[int, int]]:
    """First articles and those after the last, of blocks with about _PAIRS_PER_BLOCK pairs to count.

    `reach` is each article's pairs, with repetitions.
    """
    blocks, start, so_far = [], 0, np.cumsum(reach)
    while start < len(reach):
        before = so_far[start] - reach[start]
        end = max(start + 1, int(np.searchsorted(so_far, before + _PAIRS_PER_BLOCK)))
        blocks.append((start, end))
        start = end
    return blocks


def _best_of(
    blocks: list[tuple[int, int]], bought: csc_matrix, sold: np.ndarray, limits: AlsoBoughtParams
) -> list[_Best]:
    """The best pairs of these blocks."""
    by_unit = bought.tocsr()
    return [
        _best(start, _counts(bought[:, start:end], by_unit, start, limits.min_support), sold, limits.top)
        for start, end in blocks
    ]


def _counts(some: csc_matrix, by_unit: csr_matrix, start: int, min_support: int) -> csr_matrix:
    """Rows of the co-occurrence matrix, of the articles from `start` on: ≥ min_support, no diagonal."""
    counts = (some.T @ by_unit).tocsr()
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    counts.data[(counts.data < min_support) | (counts.indices == rows + start)] = 0
    counts.eliminate_zeros()
    return counts


def _best(start: int, counts: csr_matrix, sold: np.ndarray, top: int) -> _Best:
    """(article, related, support, rank) of the block's best pairs.

    For one article cosine orders as support²/n_b does: a quotient of integers, so that ties are exact.
    """
    article = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr)) + start
    related, support = counts.indices.astype(np.int64), counts.data.astype(np.int64)
    order = np.lexsort((related, -(support * support / sold[related]), article))
    article, related, support = article[order], related[order], support[order]
    first = np.searchsorted(article, article)
    rank = np.arange(len(article)) - first + 1
    kept = rank <= top
    return article[kept], related[kept], support[kept], rank[kept]


def _table(ids: np.ndarray, found: list[np.ndarray], sold: np.ndarray, n_units: int) -> pa.Table:
    article, related, support, rank = found
    n_article, n_related = sold[article].astype(float), sold[related].astype(float)
    return pa.table(
        {
            "article_id": pa.array(ids[article], pa.string()),
            "related_article_id": pa.array(ids[related], pa.string()),
            "support": support,
            "cosine": support / np.sqrt(n_article * n_related),
            "jaccard": support / (n_article + n_related - support),
            "lift": support * n_units / (n_article * n_related),
            "rank": rank,
        }
    )
