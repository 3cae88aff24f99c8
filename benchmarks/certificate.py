"""Are the tables of two releases of a dataset the same? Each pair is compared row by row, by its key.

Whole numbers, texts and moments must be equal. Doubles may differ by 1e-9 of the larger, since engines add
them up in another order and have another exp(); so may decimals, some of which are rounded from doubles.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ml_etl.store.versions import DatasetFolder

TOLERANCE = 1e-9
_ROUNDED = ("DOUBLE", "DECIMAL")


@dataclass(frozen=True)
class Verdict:
    """A table of both releases: rows of each, keys that only one has, and what columns differ by.

    `differs` counts rows per column that is not the same; `largest` is the largest relative difference of a
    double or decimal.
    """

    table: str
    columns: int
    rows: tuple[int, int]
    lone_keys: tuple[int, int] = (0, 0)
    differs: dict[str, int] = field(default_factory=dict)
    largest: float = 0.0
    note: str = ""

    @property
    def equal(self) -> bool:
        return self.rows[0] == self.rows[1] and not (any(self.lone_keys) or self.differs or self.note)


def compare(dataset: str, keys: dict[str, Sequence[str]], one: Path, other: Path) -> list[Verdict]:
    """A verdict per table of the newest releases below two folders of releases.

    `keys`: per table the columns that no two rows share; tables that have none are compared as bags of rows.
    """
    first, second = _tables(one, dataset), _tables(other, dataset)
    missing = [
        Verdict(name, 0, (0, 0), note="only one release has it")
        for name in sorted(first.keys() ^ second.keys())
    ]
    both = sorted(first.keys() & second.keys())
    return missing + [verdict(name, first[name], second[name], keys.get(name, ())) for name in both]


def _tables(releases: Path, dataset: str) -> dict[str, list[str]]:
    """The Parquet files of each table of the newest release."""
    folder = DatasetFolder(releases, dataset)
    current = folder.current()
    if current is None:
        raise SystemExit(f"{releases} has no release of {dataset}.")
    entries = folder.manifest(current.version).artefacts
    return {
        name: [str(folder.path / file.path) for file in entry.files]
        for name, entry in entries.items()
        if entry.format == "parquet"
    }


def verdict(table: str, one: list[str], other: list[str], key: Sequence[str]) -> Verdict:
    connection = duckdb.connect(config={"memory_limit": "3GB"})
    for name, files in (("one", one), ("other", other)):
        connection.read_parquet(files).create_view(name)
    shapes = [connection.sql(f"DESCRIBE {name}").fetchall() for name in ("one", "other")]
    columns = {row[0]: row[1] for row in shapes[0]}
    rows = tuple(connection.sql(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("one", "other"))
    if columns != {row[0]: row[1] for row in shapes[1]}:
        return Verdict(table, len(columns), rows, note="columns or types differ")
    if not key:
        lone = connection.sql("SELECT count(*) FROM (FROM one EXCEPT ALL FROM other)").fetchone()[0]
        return Verdict(table, len(columns), rows, (lone, lone))
    lone_keys = tuple(
        connection.sql(f"SELECT count(*) FROM {a} ANTI JOIN {b} ON {_same(key, a, b)}").fetchone()[0]
        for a, b in (("one", "other"), ("other", "one"))
    )
    others = {name: kind for name, kind in columns.items() if name not in key}
    differs, largest = _differences(connection, key, others) if others else ({}, 0.0)
    return Verdict(table, len(columns), rows, lone_keys, differs, largest)


def _differences(
    connection: duckdb.DuckDBPyConnection, key: Sequence[str], others: dict[str, str]
) -> tuple[dict[str, int], float]:
    """Rows that differ by column, where any do, and the largest relative difference of a number."""
    told = ", ".join(f'count(*) FILTER ({_differs(name, kind)}) AS "{name}"' for name, kind in others.items())
    doubles = [_gap(name) for name, kind in others.items() if kind.startswith(_ROUNDED)]
    largest = f"greatest(0, {', '.join(f'max({gap})' for gap in doubles)})" if doubles else "0"
    (*counts, gap) = connection.sql(
        f"SELECT {told}, {largest} FROM one JOIN other ON {_same(key, 'one', 'other')}"
    ).fetchone()
    differs = {name: many for name, many in zip(others, counts, strict=True) if many}
    return differs, gap


def _same(key: Sequence[str], one: str, other: str) -> str:
    return " AND ".join(f'{one}."{name}" IS NOT DISTINCT FROM {other}."{name}"' for name in key)


def _differs(name: str, kind: str) -> str:
    unequal = f'one."{name}" IS DISTINCT FROM other."{name}"'
    if not kind.startswith(_ROUNDED):
        return unequal
    return f"{unequal} AND coalesce({_gap(name)} > {TOLERANCE}, true)"


def _gap(name: str) -> str:
    """How far two numbers are apart, relative to the larger; null where one is missing."""
    a, b = f'one."{name}"', f'other."{name}"'
    apart = f"abs({a}::DOUBLE - {b}::DOUBLE) / greatest(abs({a}::DOUBLE), abs({b}::DOUBLE))"
    return f"CASE WHEN {a} = {b} THEN 0 ELSE {apart} END"
