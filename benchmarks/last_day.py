"""Take a shop's last day away, or bring it: `python last_day.py SHOP OUT without|with`.

SHOP is a simulated shop; OUT becomes a folder of Parquet files. Tables that grow are folders of such files,
whose second file is the last day of purchases; the others are linked.
"""

import os
import sys
from pathlib import Path

import duckdb

GROWING = {"transactions": "t_dat", "events": "ingested_at", "reviews": "created_at"}


def main(shop: Path, out: Path, part: str) -> None:
    """Write the rows before the last day, or those of it."""
    connection = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(out / ".spill")})
    connection.execute("SET preserve_insertion_order = true")
    (last,) = connection.sql(f"SELECT max(t_dat) FROM '{shop / 'transactions.parquet'}'").fetchone() or ()
    side, file = ("<", "before.parquet") if part == "without" else (">=", "last_day.parquet")
    for table, column in GROWING.items():
        folder = out / f"{table}.parquet"
        folder.mkdir(parents=True, exist_ok=True)
        rows = f"SELECT * FROM '{shop / table}.parquet' WHERE {column} {side} TIMESTAMP '{last}'"
        connection.execute(f"COPY ({rows}) TO '{folder / file}' (FORMAT parquet, COMPRESSION zstd)")
    for table in ("articles", "customers"):
        if not (out / f"{table}.parquet").exists():
            os.link(shop / f"{table}.parquet", out / f"{table}.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
