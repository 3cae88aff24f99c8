"""A plan becomes a folder of Parquet files, one per source table: a shop of kind `files`."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ml_etl.errors import UsageError
from ml_etl.files import digest, whole, write_json
from ml_etl.shop.simulator import after, catalogue, goods, people, published, truth
from ml_etl.shop.simulator.moments import Bought
from ml_etl.shop.simulator.plan import Plan
from ml_etl.shop.simulator.purchases import Day, purchases

_GROUP_LINES = 1_000_000
_DONE = "simulated.json"
Progress = Callable[[str, int, int], None]
"""Told of what is made, how much of it, and how much there will be."""


def simulate_shop(plan: Plan, folder: Path, with_truth: bool, progress: Progress) -> dict[str, int]:
    """Write the shop; gives the rows of each table. Equal plans give equal bytes.

    Memory: about 60 bytes per purchase line while events are made, a million lines before.

    Raises:
        UsageError: the folder holds another shop.
    """
    done = folder / _DONE
    wanted = {**asdict(plan), "truth": with_truth}
    if done.exists() or (folder.exists() and any(folder.iterdir()) and not _begun(folder)):
        raise UsageError(f"{folder}: there is a shop already. Name another folder, or remove this one.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".simulating").touch()
    rows = _tables(plan, folder, with_truth, progress)
    write_json(done, {"plan": wanted, "rows": rows, "digest": digest(wanted)})
    (folder / ".simulating").unlink()
    return rows


def _begun(folder: Path) -> bool:
    """Whether an earlier simulation into this folder was cut off: what it left is written again."""
    return (folder / ".simulating").exists()


def _tables(plan: Plan, folder: Path, with_truth: bool, progress: Progress) -> dict[str, int]:
    persons, goods_sold = people.people(plan), catalogue.catalogue(plan)
    names, article_names = people.ids(plan), catalogue.ids(plan, goods_sold)
    articles = goods.table(
        plan, article_names, goods_sold.group, goods_sold.product_group, goods_sold.product
    )
    rows = {
        "customers": _write(people.table(plan, names), folder / "customers.parquet"),
        "articles": _write(articles, folder / "articles.parquet"),
    }
    bought = Bought(plan)
    rows["transactions"] = _transactions(
        plan, persons, goods_sold, (names, article_names), folder / "transactions.parquet", bought, progress
    )
    lines = bought.lines()
    rows["reviews"] = _write(after.reviews(plan, lines, names, articles), folder / "reviews.parquet")
    sessions = truth.Sessions(folder / "truth" / "sessions.parquet") if with_truth else None
    rows["events"] = after.events(
        plan, lines, persons, (names, article_names), folder / "events.parquet", sessions, progress
    )
    if with_truth:
        truth.write(plan, persons, goods_sold, (names, article_names), folder / "truth")
    return rows


def _write(table: pa.Table, path: Path) -> int:
    with whole(path) as beside:
        pq.write_table(table, beside, compression="zstd")
    return table.num_rows


def _transactions(
    plan: Plan,
    persons: people.People,
    goods_sold: catalogue.Catalogue,
    names: tuple[pa.Array, pa.Array],
    path: Path,
    bought: Bought,
    progress: Progress,
) -> int:
    """Day after day; one thread draws the next days while another writes the last ones."""
    written, waiting = 0, []
    pending: Future[None] | None = None
    with (
        whole(path) as beside,
        pq.ParquetWriter(beside, _SCHEMA, compression="zstd", use_dictionary=_WITH_DICTIONARY) as writer,
        ThreadPoolExecutor(1) as writes,
    ):
        for number, day in enumerate(purchases(plan, persons, goods_sold)):
            bought.add(number, day)
            waiting.append((number, day))
            written += len(day)
            if sum(len(one) for _, one in waiting) >= _GROUP_LINES or number == published.DAYS - 1:
                if pending:
                    pending.result()
                pending = writes.submit(_write_days, writer, plan, waiting, names)
                waiting = []
                progress("transactions", written, plan.transactions)
        if pending:
            pending.result()
    return written


_SCHEMA = pa.schema(
    {
        "t_dat": pa.date32(),
        "customer_id": pa.string(),
        "article_id": pa.string(),
        "price": pa.float64(),
        "sales_channel_id": pa.int64(),
    }
)
_WITH_DICTIONARY = ["t_dat", "article_id", "price", "sales_channel_id"]
"""A million lines name too many customers for one."""


def _write_days(
    writer: pq.ParquetWriter, plan: Plan, days: list[tuple[int, Day]], names: tuple[pa.Array, pa.Array]
) -> None:
    dates = np.array(plan.days, dtype="datetime64[D]")
    customers, articles = names
    columns = [
        pa.array(np.repeat(dates[[number for number, _ in days]], [len(day) for _, day in days])),
        customers.take(pa.array(np.concatenate([day.customer for _, day in days]))),
        articles.take(pa.array(np.concatenate([day.article for _, day in days]))),
        pa.array(np.concatenate([day.price for _, day in days]) * published.PRICE_UNIT),
        pa.array(1 + np.concatenate([day.online for _, day in days]).astype(np.int64)),
    ]
    writer.write_table(pa.Table.from_arrays(columns, schema=_SCHEMA), row_group_size=_GROUP_LINES)
