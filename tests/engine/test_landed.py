"""Landing: what is new is read, what came late is seen, nothing is read twice."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest

from ml_etl.engine import LandedTable
from ml_etl.engine.landed_state import worth_keeping
from tests.shops import table

SETTINGS: dict[str, Any] = {"engine": {"memory_limit": "1GB"}, "lookback_days": 7, "keep_snapshots": 4}
DAY = dt.date(2020, 1, 1)


def landed(folder: Path, name: str = "transactions", **changed: Any) -> LandedTable:
    return LandedTable(name, {"data": str(folder), "shop": "s"}, **{**SETTINGS, **changed})


def line(n: int, day: int, price: float = 1.0) -> dict[str, Any]:
    day_of = DAY + dt.timedelta(days=day)
    return {"n": n, "t_dat": day_of, "customer_id": f"c{n}", "article_id": "a", "price": price}


def land(dataset: LandedTable, rows: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Land the rows as the source has them now; give (customer, price) of all that is landed."""
    dataset.save(ibis.memtable(table(rows)))
    return sorted((row["customer_id"], row["price"]) for row in rows_of(dataset))


def rows_of(dataset: LandedTable) -> list[dict[str, Any]]:
    return dataset.engine.collect(dataset.load()).to_pylist()


def test_new_rows_are_added(tmp_path: Path) -> None:
    source = [line(1, 0), line(2, 20)]
    dataset = landed(tmp_path)
    assert land(dataset, source) == [("c1", 1.0), ("c2", 1.0)]
    assert land(dataset, [*source, line(3, 21)]) == [("c1", 1.0), ("c2", 1.0), ("c3", 1.0)]


def test_late_and_corrected_rows_within_the_lookback_are_seen(tmp_path: Path) -> None:
    dataset = landed(tmp_path)
    land(dataset, [line(1, 0), line(2, 20), line(3, 21)])
    late, corrected = line(4, 15), line(3, 21, price=9.0)
    assert land(dataset, [line(1, 0), line(2, 20), corrected, late]) == [
        ("c1", 1.0), ("c2", 1.0), ("c3", 9.0), ("c4", 1.0)
    ]  # fmt: skip


def test_before_the_lookback_nothing_is_read_again(tmp_path: Path) -> None:
    """Row 1 is gone from the source; only the window since day 14 is looked at."""
    dataset = landed(tmp_path)
    land(dataset, [line(1, 0), line(2, 21)])
    assert land(dataset, [line(2, 21), line(3, 22)]) == [("c1", 1.0), ("c2", 1.0), ("c3", 1.0)]
    newest = dataset.state.parts[-1]
    assert newest.since == "2020-01-15T00:00:00"
    assert dataset.engine.rows(dataset.engine.read_parquet(dataset.folder / newest.file)) == 2


def test_equal_rows_stay_as_many_as_they_are(tmp_path: Path) -> None:
    dataset = landed(tmp_path)
    land(dataset, [line(1, 21), line(1, 21)])
    assert len(land(dataset, [line(1, 21), line(1, 21), line(1, 21)])) == 3


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    dataset = landed(tmp_path)
    land(dataset, [line(1, 0), line(2, 20)])
    before = (dataset.state, sorted(dataset.folder.iterdir()))
    land(dataset, [line(2, 20), line(1, 0)])
    assert (dataset.state, sorted(dataset.folder.iterdir())) == before


def test_a_date_in_the_future_does_not_hide_the_rows_to_come(tmp_path: Path) -> None:
    dataset = landed(tmp_path)
    mistyped = {**line(1, 0), "t_dat": dt.date(2999, 1, 1)}
    land(dataset, [line(2, 20), mistyped])
    assert len(land(dataset, [line(2, 20), mistyped, line(3, 21)])) == 3


def test_rows_without_a_date_are_landed_once(tmp_path: Path) -> None:
    dataset, undated = landed(tmp_path), {**line(1, 0), "t_dat": None}
    land(dataset, [line(2, 20), undated])
    assert len(land(dataset, [line(2, 20), undated, line(3, 21)])) == 3


def test_integers_may_grow_wider_between_landings(tmp_path: Path) -> None:
    dataset = landed(tmp_path)
    narrow = table([{**line(1, 0), "quantity": 1}], quantity=pa.int32())
    wide = table([{**line(1, 0), "quantity": 1}, {**line(2, 20), "quantity": 5_000_000_000}])
    for rows in (narrow, wide):
        dataset.save(ibis.memtable(rows))
    assert sorted(row["quantity"] for row in rows_of(dataset)) == [1, 5_000_000_000]


def test_many_landings_stay_few_files(tmp_path: Path) -> None:
    dataset = landed(tmp_path, lookback_days=0)
    source = []
    for day in range(30):
        source.append(line(day, day))
        assert len(land(dataset, source)) == day + 1
    assert len(dataset.state.parts) < 24


def test_a_large_first_landing_is_not_written_again(tmp_path: Path) -> None:
    """Ten thousand rows, then 60 days of one row each: the small files are joined, the large one stays."""
    dataset = landed(tmp_path, lookback_days=0)
    source = [line(n, 0, price=n / 7) for n in range(10_000)]
    land(dataset, source)
    large = dataset.state.parts[0].file
    for day in range(1, 61):
        source.append(line(10_000 + day, day))
        dataset.save(ibis.memtable(table(source)))
    assert dataset.state.parts[0].file == large
    assert len(dataset.state.parts) <= 24
    assert sorted(row["customer_id"] for row in rows_of(dataset)) == sorted(f"c{n['n']}" for n in source)


def test_what_is_joined_is_smaller_than_what_stays() -> None:
    assert worth_keeping([100, 1, 1, 1]) == 1
    assert worth_keeping([1, 1, 1, 1]) == 0
    assert worth_keeping([100, 10, 4, 4, 4]) == 1
    assert worth_keeping([100, 50, 9, 1, 1]) == 3
    assert worth_keeping([5, 1]) == 0  # two at least are joined


def test_snapshots_are_stored_when_they_differ_and_carry_their_time(tmp_path: Path) -> None:
    dataset = landed(tmp_path, "articles")
    for ids in (["a"], ["a"], ["a", "b"]):
        dataset.save(ibis.memtable(table([{"article_id": i} for i in ids])))
    assert len(dataset.state.parts) == 2
    assert sorted(row["article_id"] for row in rows_of(dataset)) == ["a", "a", "b"]
    assert len({row["landed_at"] for row in rows_of(dataset)}) == 2


def test_old_snapshots_go_but_the_first_and_the_newest_stay(tmp_path: Path) -> None:
    dataset = landed(tmp_path, "articles")
    for n in range(8):
        dataset.save(ibis.memtable(table([{"article_id": f"a{n}"}])))
    assert [row["article_id"] for row in sorted(rows_of(dataset), key=lambda r: r["landed_at"])] == [
        "a0", "a5", "a6", "a7"
    ]  # fmt: skip


def test_a_torn_file_is_never_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = landed(tmp_path)
    land(dataset, [line(1, 0)])
    before = json.loads((dataset.folder / "landed.json").read_text())
    monkeypatch.setattr("ml_etl.engine.landed.sha256", lambda path: 1 / 0)
    with pytest.raises(Exception, match="division by zero"):
        land(dataset, [line(1, 0), line(2, 1)])
    assert json.loads((dataset.folder / "landed.json").read_text()) == before
    assert len(rows_of(dataset)) == 1
