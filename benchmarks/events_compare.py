"""Our tables of events against those of the hand-written SQL: `OURS.json SQL_FOLDER`.

OURS.json has the files of each of our tables. Doubles may differ by 1e-12, nothing else by anything.
"""

import json
import sys
from pathlib import Path

import duckdb
from events_sql import TABLES

KEYS = {
    "events": ("event_id",),
    "sessions": ("session_key",),
    "funnel": ('"window"', "day", "dimension", "value", "step_number"),
    "funnel_articles": ("day", "article_id"),
    "daily_counts": ("level", "id", "day"),
    "behaviour": ("level", "id"),
}
TOLERANCE = 1e-12


def main(ours: str, folder: str) -> None:
    """Say how many rows differ; the process fails where any does."""
    files = json.loads(Path(ours).read_text("utf-8"))
    connection = duckdb.connect()
    found = {
        table: _different(connection, table, files[table], f"{folder}/{table}.parquet") for table in TABLES
    }
    print(json.dumps(found))
    if any(count for count, _rows in found.values()):
        raise SystemExit(f"The tables differ (rows that do, rows): {found}")


def _different(
    connection: duckdb.DuckDBPyConnection, table: str, ours: list[str], theirs: str
) -> tuple[int, int]:
    """Keys that only one has, and rows of one key with another value."""
    connection.execute(f"CREATE OR REPLACE VIEW ours AS FROM read_parquet({ours})")
    connection.execute(f"CREATE OR REPLACE VIEW theirs AS FROM read_parquet('{theirs}')")
    columns = connection.execute("DESCRIBE ours").fetchall()
    keys = KEYS[table]
    tests = [_other(name, kind) for name, kind, *_ in columns if name not in {key.strip('"') for key in keys}]
    using = " AND ".join(f"ours.{key} = theirs.{key}" for key in keys)
    lone = f"ours.{keys[0]} IS NULL OR theirs.{keys[0]} IS NULL"
    query = f"""SELECT count(*) FILTER ({lone} OR {" OR ".join(tests)}), count(*)
        FROM ours FULL JOIN theirs ON {using}"""
    return connection.execute(query).fetchone()


def _other(name: str, kind: str) -> str:
    if kind != "DOUBLE":
        return f'ours."{name}" IS DISTINCT FROM theirs."{name}"'
    return (
        f'((ours."{name}" IS NULL) <> (theirs."{name}" IS NULL) OR '
        f'coalesce(abs(ours."{name}" - theirs."{name}") > {TOLERANCE}, false))'
    )


if __name__ == "__main__":
    main(*sys.argv[1:3])
