"""Events from Postgres: two batches, as from files; the second reads what came in since the first."""

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ml_etl.engine import engine_of
from ml_etl.layout import Layout
from ml_etl.shop.load import load_shop
from ml_etl.store.versions import DatasetFolder
from tests.conftest import Data
from tests.postgres.server import Database
from tests.shops import Shop, table

pytestmark = pytest.mark.slow

_FIRST = dt.datetime(2024, 5, 1, 8)


def clicks(days: int) -> list[dict[str, Any]]:
    """Visits of twenty people, a few a day; some rows come in late, some twice."""
    chance, rows = random.Random(7), []
    for n in range(days * 60):
        at = _FIRST + dt.timedelta(days=n // 60, minutes=chance.randrange(600))
        row = {
            "event_id": f"e{n:05}",
            "visitor_id": f"v{chance.randrange(20)}",
            "customer_id": chance.choice(["c1", "c2", "c3", None]),
            "event_type": chance.choice(["view", "view", "add_to_cart", "checkout", "purchase"]),
            "article_id": f"00{chance.randrange(1, 5)}",
            "price": 9.5,
            "created_at": at,
            "ingested_at": at + dt.timedelta(seconds=chance.choice([1, 5, 7200])),
        }
        rows += [row] * (1 + (n % 50 == 0))
    return rows


def hashes(data: Data, env: str) -> dict[str, str]:
    folder = DatasetFolder(Layout.of(data.folder, env).releases, "events")
    current = folder.current()
    assert current
    return {name: entry.sha256 for name, entry in folder.manifest(current.version).artefacts.items()}


def test_two_batches_equal_those_from_files(
    data: Data, shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ML_ETL_LOAD_URL", database.url)
    engine = engine_of({"memory_limit": "1GB"}, Layout.of(tmp_path / "load", "s"))
    types = {"price": pa.float64(), "ingested_at": pa.timestamp("us")}
    names = ("articles", "customers", "transactions", "events")
    for days, as_of in ((10, "2024-05-10"), (12, "2024-05-12")):
        shop.put("events", table(clicks(days), **types))
        tables = {name: engine.read_parquet(shop.folder / f"{name}.parquet") for name in names}
        list(load_shop(tables, engine, "public", lambda *_: None))
        database.grant(*names)
        data.run("articles", "events", env="files", as_of=as_of, run_id=f"r{days}", **shop.params)
        data.run("articles", "events", env="postgres", as_of=as_of, run_id=f"r{days}", shop_timezone="UTC")
        assert hashes(data, "files") == hashes(data, "postgres")
    landed = data.folder / "02_intermediate" / "postgres" / "landing" / "events" / "landed.json"
    assert landed.read_text().count('"file"') == 2


def test_a_backfill_and_a_rebuild_read_what_showed_up_late(
    data: Data, shop: Shop, database: Database
) -> None:
    """Long after it came in: what is landed of that time had been read before."""
    database.do(
        "CREATE TABLE events (event_id text, visitor_id text, event_type text, created_at timestamptz, "
        "ingested_at timestamptz)"
    )

    def put(name: str, moment: str) -> None:
        database.do(f"INSERT INTO events VALUES ('{name}', 'v', 'view', '{moment}+00', '{moment}+00')")

    def run(name: str, **options: str | bool) -> list[str]:
        more = {"events": options} if options else {}
        data.run("events", env="postgres", as_of="2024-05-04", run_id=name, shop_timezone="UTC", **more)
        events = data.released("events", env="postgres").read()
        return sorted(events["event_id"].to_pyarrow().to_pylist())

    for day in (1, 2, 3):
        put(f"of day {day}", f"2024-05-0{day} 08:00")
    database.grant("events")
    known = ["of day 1", "of day 2", "of day 3"]
    assert run("first") == known
    put("late", "2024-05-02 09:00")
    assert run("backfill", **{"from": "2024-05-02", "to": "2024-05-03"}) == ["late", *known]
    put("very late", "2024-05-01 09:00")
    assert run("rebuild", rebuild=True) == ["late", *known, "very late"]
