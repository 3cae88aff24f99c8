"""What the simulator planted, so that what is found can be compared with it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ml_etl.files import whole
from ml_etl.shop.clicks import chance
from ml_etl.shop.clicks.sessions import Clicks
from ml_etl.shop.reviews.draws import Draws
from ml_etl.shop.simulator import published
from ml_etl.shop.simulator.catalogue import Catalogue
from ml_etl.shop.simulator.people import People
from ml_etl.shop.simulator.plan import Plan


def write(
    plan: Plan, people: People, articles: Catalogue, names: tuple[pa.Array, pa.Array], folder: Path
) -> None:
    """Two tables: of customers, and of articles. Days count from the first day of the shop."""
    customers = {
        "customer_id": names[0],
        "segment": _group(people.taste),
        "came": people.came,
        "left": people.left,
        "expected_lines": people.lines,
        "mean_basket": people.basket,
        "buys": np.arange(plan.customers) < people.buyers,
    }
    goods = {
        "article_id": names[1],
        "index_group": _group(articles.group),
        "begins": articles.begins,
        "life_days": articles.life,
        "appeal": articles.appeal,
        "quality": quality(plan, np.arange(plan.articles)),
    }
    for name, columns in {"customers": customers, "articles": goods}.items():
        with whole(folder / f"{name}.parquet") as beside:
            pq.write_table(pa.table(columns), beside, compression="zstd")


def quality(plan: Plan, article: np.ndarray) -> np.ndarray:
    """Standard normal per article: what its ratings follow."""
    return Draws(article_keys(plan, article)).normal("quality")


def article_keys(plan: Plan, article: np.ndarray) -> np.ndarray:
    """What an article's reviews are seeded with."""
    return chance.key(plan.seed, article, 0xA0)


def _group(number: np.ndarray) -> pa.Array:
    names = pa.array(list(published.INDEX_GROUPS))
    return pa.DictionaryArray.from_arrays(pa.array(number.astype(np.int32)), names).cast(pa.string())


class Sessions:
    """Collects the sessions of the clickstream: key as the tracker would write it, start, end, events."""

    def __init__(self, path: Path):
        self._path = path
        self._writer: pq.ParquetWriter | None = None
        self.rows = 0

    def add(self, clicks: Clicks) -> None:
        """Add a day's sessions; no session is of two days' clicks."""
        if not len(clicks.session):
            return
        order = np.lexsort((clicks.at, clicks.session))
        session, at = clicks.session[order], clicks.at[order]
        starts = np.flatnonzero(np.r_[True, session[1:] != session[:-1]])
        ends = np.r_[starts[1:], len(session)]
        moments = {"began": at[starts], "ended": at[ends - 1]}
        table = pa.table(
            {
                "session_id": pa.array(
                    chance.hexadecimal(chance.mixed(session[starts])).astype(str).astype(object)
                ),
                "customer": clicks.customer[order][starts].astype(np.int32),
                **{name: pa.array(of // 1000 * 1000, pa.timestamp("us")) for name, of in moments.items()},
                "events": ends - starts,
            }
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)
        self.rows += table.num_rows

    def close(self) -> None:
        if self._writer:
            self._writer.close()
