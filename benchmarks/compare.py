"""Are two sets of outputs equal? `python compare.py DATASET OURS OTHER TOLERANCE`, a process of its own.

Both write each table sorted by a unique key, so row i must be the same row in both. Doubles may differ by
TOLERANCE relative to the larger; everything else is equal exactly. Against pandas (a tolerance above 1e-12),
which has no decimals of its own, ours count as doubles too.
"""

import sys
from pathlib import Path

import duckdb
from datasets import DATASETS


def main(dataset: str, ours: Path, other: Path, tolerance: float) -> list[str]:
    """What differs, a line per table; empty when nothing does. Tables the other has not made are left out."""
    connection = duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(other / "spill")})
    asked, differences = DATASETS[dataset], []
    near_zero = asked.near_zero if tolerance > 1e-12 else 0.0
    for name, key in asked.keys.items():
        if _view(connection, name, ours, other):
            found = Comparison(connection, name, key, tolerance, near_zero, asked.left_out).difference()
            differences += [f"{name}: {found}"] if found else []
    return differences


def _view(connection: duckdb.DuckDBPyConnection, name: str, ours: Path, other: Path) -> bool:
    """Make the views `ours` and `other`; CSV is read with the types of the table it repeats."""
    if _source(name, other) is None:
        return False
    for view, folder in (("ours", ours), ("other", other)):
        source = f"'{_source(name, folder)}'"
        if name == "interactions_csv":
            types = dict(_types(connection, f"'{_source('interactions', ours)}'"))
            source = f"read_csv({source}, header = true, types = {types})"
        connection.execute(f"CREATE OR REPLACE VIEW {view} AS FROM {source}")
    return True


def _source(name: str, folder: Path) -> Path | None:
    """A table's file, or the files of its folder; None where there is neither."""
    path = folder / (name + (".csv" if name == "interactions_csv" else ".parquet"))
    if path.exists():
        return path
    return folder / name / "*.parquet" if (folder / name).is_dir() else None


def _types(connection: duckdb.DuckDBPyConnection, source: str) -> list[tuple[str, str]]:
    return [row[:2] for row in connection.execute(f"DESCRIBE FROM {source}").fetchall()]


class Comparison:
    """The views `ours` and `other` of one table."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        name: str,
        key: tuple[str, ...],
        tolerance: float,
        near_zero: float,
        left_out: tuple[str, ...],
    ):
        self._connection, self._name, self._key, self._tolerance = connection, name, key, tolerance
        self._types = {name: kind for name, kind in _types(connection, "ours") if name not in left_out}
        self._loose, self._near_zero = tolerance > 1e-12, near_zero

    def difference(self) -> str | None:
        """The first thing that differs: columns, rows, keys, values."""
        theirs = dict(_types(self._connection, "other"))
        if theirs.keys() != self._types.keys() or not (self._loose or theirs == self._types):
            return f"columns {self._types} and {theirs}"
        rows = [self._one(f"SELECT count(*) FROM {view}")[0] for view in ("ours", "other")]
        if rows[0] != rows[1]:
            return f"{rows[0]:,} rows of ours, {rows[1]:,} of the other"
        return self._values() or self._ranks()

    def _values(self) -> str | None:
        columns = [name for name in self._types if name != "rank_decayed"]
        counts = ", ".join(f"count(*) FILTER ({self._differs(name)})" for name in columns)
        found = zip(columns, self._one(f"SELECT {counts} FROM ours POSITIONAL JOIN other"), strict=True)
        broken = {name: count for name, count in found if count}
        return f"rows that differ, per column: {broken}; {self._first(broken)}" if broken else None

    def _ranks(self) -> str | None:
        """One line now and two of half the weight tie but for the last digit, which then decides by chance.

        So whoever holds a rank must count the same, not be the same.
        """
        if "rank_decayed" not in self._types:
            return None
        ranked = "(SELECT age_band, lines_decayed FROM {} ORDER BY age_band, rank_decayed) AS {}"
        tables = " POSITIONAL JOIN ".join(ranked.format(view, view) for view in ("ours", "other"))
        differs = self._differs("lines_decayed")
        (count,) = self._one(f"SELECT count(*) FILTER ({differs}) FROM {tables}")
        return f"rank_decayed: {count} ranks hold another value" if count else None

    def _differs(self, name: str) -> str:
        kind, a, b = self._types[name], f'ours."{name}"', f'other."{name}"'
        if kind == "DOUBLE" or (self._loose and kind.startswith("DECIMAL")):
            a, b = f"CAST({a} AS DOUBLE)", f"CAST({b} AS DOUBLE)"
            near = f"abs({a} - {b}) <= {self._near_zero} + {self._tolerance} * greatest(abs({a}), abs({b}))"
            return f"NOT coalesce({near}, {a} IS NULL AND {b} IS NULL)"
        return f"{a} IS DISTINCT FROM TRY_CAST({b} AS {kind})"

    def _first(self, broken: dict[str, int]) -> str:
        names = [*self._key, *(name for name in broken if name not in self._key)][:6]
        shown = ", ".join(f'{view}."{name}"' for name in names for view in ("ours", "other"))
        where = " OR ".join(self._differs(name) for name in broken)
        row = self._one(f"SELECT {shown} FROM ours POSITIONAL JOIN other WHERE {where} LIMIT 1")
        pairs = zip(names, row[::2], row[1::2], strict=True)
        return "first: " + ", ".join(f"{name} {a!s} / {b!s}" for name, a, b in pairs)

    def _one(self, query: str) -> tuple:
        return self._connection.execute(query).fetchone()


if __name__ == "__main__":
    asked, (ours, other), tolerance = sys.argv[1], map(Path, sys.argv[2:4]), float(sys.argv[4])
    if found := main(asked, ours, other, tolerance):
        sys.exit(f"{ours} and {other} differ:\n" + "\n".join(found))
