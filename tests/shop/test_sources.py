"""Sources that are not as expected: one clear error, nothing written, CURRENT unchanged."""

import datetime as dt
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml_etl.errors import EtlError, SchemaDrift, SourceUnreachable, UsageError
from tests.conftest import Data
from tests.shops import Shop, table


def fails(data: Data, shop: Shop, kind: type[EtlError], said: str) -> None:
    with pytest.raises(kind, match=said) as error:
        data.run("interactions", env="files", **shop.params)
    assert len(str(error.value).splitlines()) < 20  # one screen


@pytest.fixture
def released_before(data: Data, shop: Shop) -> str:
    data.run("interactions", env="files", **shop.params)
    return data.released().version


def test_missing_table(data: Data, shop: Shop, released_before: str) -> None:
    (shop.folder / "articles.parquet").unlink()
    fails(data, shop, SourceUnreachable, r"articles: the shop has no such table. Expected articles.parquet")
    assert data.released().version == released_before


def test_missing_column(data: Data, shop: Shop, released_before: str) -> None:
    path = shop.folder / "transactions.parquet"
    shop.put("transactions", pq.read_table(path).drop_columns(["article_id"]))
    fails(data, shop, SchemaDrift, r"transactions.*required column article_id \(string\) is missing; came")
    assert data.released().version == released_before


def test_no_time_at_all(data: Data, shop: Shop) -> None:
    path = shop.folder / "transactions.parquet"
    shop.put("transactions", pq.read_table(path).drop_columns(["t_dat"]))
    fails(data, shop, SchemaDrift, "expected one of the columns timestamp, t_dat")


def test_retyped_column(data: Data, shop: Shop) -> None:
    """Numbers would lose the zeros of 0108775015."""
    path = shop.folder / "transactions.parquet"
    rows = pq.read_table(path)
    at = rows.schema.get_field_index("article_id")
    shop.put("transactions", rows.set_column(at, "article_id", rows["article_id"].cast(pa.int64())))
    fails(data, shop, SchemaDrift, "column article_id expected string, came int64")


def test_moments_with_a_zone_are_no_days(data: Data, shop: Shop) -> None:
    """Which local day 02:00 UTC is of, the zone of a column doesn't tell."""
    rows = pq.read_table(shop.folder / "transactions.parquet")
    at = rows.schema.get_field_index("t_dat")
    zoned = rows["t_dat"].cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    shop.put("transactions", rows.set_column(at, "t_dat", zoned))
    fails(data, shop, SchemaDrift, "column t_dat expected date, came timestamp")


def test_two_shops_do_not_mix(data: Data, shop: Shop, released_before: str, tmp_path: Path) -> None:
    """The second has none of the first's old purchases, which are read only once."""
    other = Shop(tmp_path / "other")
    other.lines = [line for line in other.lines if line["n"] > 2]
    fails(data, other.write(), UsageError, "holds rows of the shop in .*/shop, not of that in .*/other")
    assert data.released().version == released_before
    shutil.rmtree(data.folder / "02_intermediate" / "files" / "landing")
    data.run("interactions", env="files", **other.params)
    bought = data.released().read().order_by("customer_id", "article_id")
    assert bought["purchase_count"].to_pyarrow()[0].as_py() == 1  # the first shop's c1 bought 001 thrice


def test_events_of_another_shop_are_no_addition(data: Data, shop: Shop, tmp_path: Path) -> None:
    """They are read directly: the batch of the second begins with its first row."""
    other = Shop(tmp_path / "other").write()
    for as_of, place, days in (("2020-01-30", shop, (28, 29)), ("2020-02-01", other, (10, 31))):
        clicks = [
            {"event_id": f"{place.folder.name} {day}", "visitor_id": "v", "event_type": "view"}
            for day in days
        ]
        moments = [dt.datetime(2020, 1, day, 12) for day in days]
        rows = [{**click, "created_at": moment} for click, moment in zip(clicks, moments, strict=True)]
        place.put("events", table(rows))
        data.run("events", env="files", as_of=as_of, run_id=f"by-{as_of}", **place.params)
    found = data.released("events").read()["event_id"].to_pyarrow().to_pylist()
    assert sorted(found) == ["other 10", "other 31"]


def test_unreadable_parquet(data: Data, shop: Shop, released_before: str) -> None:
    (shop.folder / "transactions.parquet").write_bytes(b"PAR1 torn")
    fails(data, shop, EtlError, r"transactions \(.*transactions.parquet\)")
    assert data.released().version == released_before


def test_csv_with_a_word_for_a_price(data: Data, shop: Shop) -> None:
    (shop.folder / "transactions.parquet").unlink()
    good = [f"2020-01-{n % 28 + 1:02},c1,001,1.5" for n in range(30_000)]
    text = "\n".join(["t_dat,customer_id,article_id,price", *good, "2020-01-31,c1,001,cheap"])
    (shop.folder / "transactions.csv").write_text(text + "\n")
    fails(data, shop, SchemaDrift, "cheap")


def test_no_folder(data: Data, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="add --params shop_folder=PATH"):
        data.run("interactions", env="files")
    with pytest.raises(SourceUnreachable, match="no such folder"):
        data.run("interactions", env="files", shop_folder=str(tmp_path / "none"))


def test_names_and_addresses_never_pass_landing(data: Data, shop: Shop) -> None:
    shop.customers[0] |= {"first_name": "Ada", "email": "ada@example.org"}
    data.run("interactions", env="files", **shop.write().params)
    for path in data.folder.rglob("*.parquet"):
        assert not {"first_name", "email"} & set(pq.read_schema(path).names), path
        assert b"ada@example.org" not in path.read_bytes()
