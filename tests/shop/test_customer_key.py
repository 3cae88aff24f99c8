"""With a key set, customer_id is its keyed hash in all that is written; without, the shop's own."""

import datetime as dt
import hashlib
import hmac
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml_etl import config
from ml_etl.errors import UsageError
from ml_etl.replay import replay
from tests.conftest import Data
from tests.shops import Shop, table

KEY = "CANARY key"


def hashed(customer: str, key: str = KEY) -> str:
    """RFC 2104, by Python's own library in its other form."""
    return hmac.new(key.encode(), customer.encode(), hashlib.sha256).hexdigest()


def stored(data: Data) -> dict[Path, str]:
    """All that is stored, as text."""
    found = {}
    for path in data.folder.rglob("*"):
        if path.is_file():
            parquet = path.suffix == ".parquet"
            found[path] = (
                str(pq.read_table(path).to_pylist()) if parquet else path.read_bytes().decode("latin1")
            )
    return found


def click(number: int, day: int = 30) -> dict[str, Any]:
    return {
        "event_id": f"e{number}",
        "visitor_id": None,  # a visitor without an id is called by the customer's
        "customer_id": "customer-one",
        "event_type": "view" if number else "no such type",
        "created_at": dt.datetime(2020, 1, day, 12, number),
    }


@pytest.fixture
def named(shop: Shop) -> Shop:
    """Customers whose ids can't be met by chance; the purchase without a customer goes to quarantine."""
    for row in (*shop.lines, *shop.customers):
        row["customer_id"] = {"c1": "customer-one", "c2": "customer-two", "c3": "Kundin-drei-ü"}[
            row["customer_id"]
        ]
    shop.lines.append({**shop.lines[0], "customer_id": "customer-unknown"})
    shop.lines += [dict(shop.lines[0]) for _ in range(100)]  # one of 111 is below the ceiling
    return shop.write()


def test_every_output_has_the_keyed_hash(data: Data, named: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ML_ETL_CUSTOMER_KEY", KEY)
    data.run("interactions", "customers", env="files", **named.params)
    ids = set(data.released("interactions").read().to_pandas()["customer_id"])
    assert ids == {hashed("customer-one"), hashed("customer-two"), hashed("Kundin-drei-ü")}
    assert ids == set(data.released("customers").read().to_pandas()["customer_id"])
    (rejected,) = data.folder.rglob("quarantine/*/transactions.parquet")
    assert hashed("customer-unknown") in str(pq.read_table(rejected).to_pylist())
    for path, text in stored(data).items():
        assert "customer-" not in text and "Kundin" not in text and "CANARY" not in text, path


def test_clicks_have_the_keyed_hash_too(data: Data, named: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    clicks = [click(n) for n in range(4)]
    named.put("events", table([*clicks, {**clicks[0], "event_id": None}]))
    monkeypatch.setenv("ML_ETL_CUSTOMER_KEY", KEY)
    data.run("events", env="files", **named.params)
    assert set(data.released(dataset="events").read().to_pandas()["customer_id"]) == {hashed("customer-one")}
    for path, text in stored(data).items():
        assert "customer-one" not in text, path


def test_hashing_renames_customers_and_changes_nothing_else(
    data: Data, named: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def counts(of: Data) -> dict[str, tuple[int, ...]]:
        frame = of.released("interactions").read().to_pandas()
        return {
            f"{row.customer_id}/{row.article_id}": (row.purchase_count, row.unit_count)
            for row in frame.itertuples()
        }

    data.run("interactions", env="files", **named.params)
    plain = counts(data)
    other = Data(tmp_path / "other")
    monkeypatch.setenv("ML_ETL_DATA", str(other.folder))
    monkeypatch.setenv("ML_ETL_CUSTOMER_KEY", KEY)
    other.run("interactions", env="files", **named.params)
    expected = {f"{hashed(key.split('/')[0])}/{key.split('/')[1]}": value for key, value in plain.items()}
    assert counts(other) == expected


def test_another_key_lands_everything_anew(data: Data, named: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    data.run("interactions", env="files", run_id="plain", **named.params)
    for key in ("first", "second"):
        monkeypatch.setenv("ML_ETL_CUSTOMER_KEY", key)
        data.run("interactions", env="files", run_id=key, **named.params)
        ids = set(data.released("interactions").read().to_pandas()["customer_id"])
        assert ids == {hashed(name, key) for name in ("customer-one", "customer-two", "Kundin-drei-ü")}
    landing = {path: text for path, text in stored(data).items() if "landing" in path.parts}
    assert landing and not [path for path, text in landing.items() if "customer-one" in text]


def test_a_forgotten_key_does_not_let_the_shops_ids_in(
    data: Data, named: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ML_ETL_CUSTOMER_KEY", KEY)
    data.run("interactions", env="files", run_id="hashed", **named.params)
    monkeypatch.delenv("ML_ETL_CUSTOMER_KEY")
    with pytest.raises(UsageError, match="holds hashed customers, and ML_ETL_CUSTOMER_KEY is not set"):
        data.run("interactions", env="files", run_id="forgotten", **named.params)
    assert data.released("interactions").version == "hashed"


def test_another_key_reads_all_clicks_anew(data: Data, named: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Added to the version before, clicks of one customer would be those of several."""
    for day, key in enumerate((None, "first", "second"), 28):
        if key:
            monkeypatch.setenv("ML_ETL_CUSTOMER_KEY", key)
        named.put("events", table([click(n, n) for n in range(28, day + 1)]))
        data.run("events", env="files", run_id=f"v{day}", as_of=f"2020-01-{day + 1}", **named.params)
        events = data.released("events").read().to_pandas()
        expected = hashed("customer-one", key) if key else "customer-one"
        assert set(events["customer_id"]) == {expected}
        assert len(events) == day - 27


def test_a_replay_does_not_outlive_its_key(data: Data, named: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Click 2 came in too late and was let in before there was a key: it is rejected again."""
    came_in = (dt.datetime(2020, 1, 30, 13), dt.datetime(2020, 2, 10))
    clicks = [{**click(n), "ingested_at": moment} for n, moment in enumerate(came_in, 1)]
    named.put("events", table(clicks, ingested_at=pa.timestamp("us")))
    data.run("events", env="files", run_id="plain", as_of="2020-02-11", **named.params)
    config.settings.cache_clear()
    replay("files", "too_late", None, None, dry_run=False)
    data.run("events", env="files", run_id="replayed", as_of="2020-02-12", **named.params)
    assert len(data.released("events").read().to_pandas()) == 2
    monkeypatch.setenv("ML_ETL_CUSTOMER_KEY", KEY)
    data.run("events", env="files", run_id="hashed", as_of="2020-02-13", **named.params)
    assert set(data.released("events").read().to_pandas()["customer_id"]) == {hashed("customer-one")}


def test_a_forgotten_key_adds_no_clicks(data: Data, named: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ML_ETL_CUSTOMER_KEY", KEY)
    named.put("events", table([click(1)]))
    data.run("events", env="files", run_id="hashed", as_of="2020-01-31", **named.params)
    monkeypatch.delenv("ML_ETL_CUSTOMER_KEY")
    named.put("events", table([click(1), click(2, 31)]))
    with pytest.raises(UsageError, match="holds hashed customers, and ML_ETL_CUSTOMER_KEY is not set"):
        data.run("events", env="files", run_id="forgotten", as_of="2020-02-01", **named.params)
    assert data.released("events").version == "hashed"


def test_empty_customers_stay_for_the_rules(data: Data, named: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ML_ETL_CUSTOMER_KEY", KEY)
    named.lines[0]["customer_id"] = ""
    named.lines[1]["customer_id"] = None
    named.lines += [dict(named.lines[2]) for _ in range(100)]
    data.run("interactions", env="files", **named.write().params)
    (rejected,) = data.folder.rglob("quarantine/*/transactions.parquet")
    rules = [row["rule"] for row in pq.read_table(rejected).to_pylist()]
    assert sorted(rules) == ["null_key", "null_key", "unknown_customer"]
