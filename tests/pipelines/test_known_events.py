"""What interactions and customers take from events: only what was known, and nothing of simulated ones."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from ml_etl.run import planning
from ml_etl.store import care
from ml_etl.store.versions import DatasetFolder
from tests.clicks.place import SCHEMA
from tests.conftest import Data
from tests.shops import Shop, table

AS_OF = "2020-02-01"
LATE = dt.datetime(2020, 2, 2)


def event(number: int, at: str, visitor: str, event_type: str, **more: Any) -> dict[str, Any]:
    moment = dt.datetime.fromisoformat(f"2020-{at}")
    return {
        "event_id": f"e{number}",
        "visitor_id": visitor,
        "event_type": event_type,
        "created_at": moment,
        "ingested_at": moment,
        "simulated": False,
    } | more


EVENTS = [
    # c1 looks before the login, puts 001 into the cart twice, and leaves.
    event(1, "01-30T10:00", "v1", "view", article_id="001"),
    event(2, "01-30T10:05", "v1", "add_to_cart", article_id="001", customer_id="c1"),
    event(3, "01-30T10:06", "v1", "add_to_cart", article_id="001", customer_id="c1"),
    # c1 again, on another device; that it was c1 comes in after the as-of.
    event(4, "01-31T10:00", "v2", "view", article_id="002"),
    event(5, "01-31T10:10", "v2", "click", article_id="002", customer_id="c1", ingested_at=LATE),
    # c2, of a simulator.
    event(6, "01-31T11:00", "v3", "view", article_id="001", customer_id="c2", simulated=True),
    # c1 buys what is in the cart of another visit, and another one 40 days before.
    event(7, "01-31T12:00", "v1", "add_to_cart", article_id="002", customer_id="c1"),
    event(8, "01-31T12:01", "v1", "purchase", article_id="002", customer_id="c1"),
    event(9, "01-01T12:00", "v1", "wishlist", article_id="001", customer_id="c1"),
    event(10, "01-01T12:00", "v1", "view", article_id="001", customer_id="c1"),
]


@pytest.fixture
def clicked(shop: Shop) -> Shop:
    types = {field.name: field.type for field in SCHEMA}
    return shop.put("events", table(EVENTS, **types))


@pytest.fixture
def shop(tmp_path) -> Shop:
    return Shop(tmp_path / "shop").write()


def run(data: Data, shop: Shop, dataset: str, as_of: str = AS_OF) -> None:
    data.run(dataset, env="files", **shop.params, as_of=as_of)


def rows(data: Data, dataset: str, *key: str) -> dict[Any, dict[str, Any]]:
    found = data.released(dataset).read().to_pyarrow().to_pylist()
    return {tuple(row[name] for name in key): row for row in found}


def test_signals_of_events_known_by_then(data: Data, clicked: Shop) -> None:
    """1 belongs to c1 by the login in 2; 4 does not, since 5 was not known yet."""
    run(data, clicked, "interactions")
    without = rows(data, "interactions", "customer_id", "article_id")
    run(data, clicked, "events")
    run(data, clicked, "interactions")
    pairs = rows(data, "interactions", "customer_id", "article_id")
    first, second, simulated = pairs["c1", "001"], pairs["c1", "002"], pairs["c2", "001"]
    counts = ("view_count", "click_count", "wishlist_count", "cart_count")
    assert [first[name] for name in counts] == [2, 0, 1, 2]
    assert [second[name] for name in counts] == [0, 0, 0, 1]
    assert first["last_event_at"] == dt.datetime(2020, 1, 30, 10, 6)
    assert (first["simulated"], simulated["simulated"]) == (False, True)
    assert pairs["c2", "002"]["view_count"] == 0
    half_life = 90
    more = (0.1 + 2 * 0.5) * 2 ** (-1 / half_life) + (0.3 + 0.1) * 2 ** (-30 / half_life)
    assert first["weight"] - without["c1", "001"]["weight"] == pytest.approx(more, rel=1e-12)
    assert simulated["view_count"] == 1
    assert simulated["weight"] == without["c2", "001"]["weight"]


def test_a_release_that_knows_more_gives_the_same(
    clicked: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events as of three days later know that 4 was c1's; backfills of what reads them must not."""
    hashes = set()
    for number, events_as_of in enumerate((AS_OF, "2020-02-04")):
        data = Data(tmp_path / f"data{number}")
        monkeypatch.setenv("ML_ETL_DATA", str(data.folder))
        run(data, clicked, "events", events_as_of)
        for dataset in ("interactions", "customers"):
            run(data, clicked, dataset)
            hashes.add(data.released(dataset).manifest.artefacts[dataset].sha256)
    sessions = data.released("events").read("sessions").to_pyarrow().to_pylist()
    assert [s["customer_id"] for s in sessions if s["visitor"] == "v2"] == ["c1"]
    assert len(hashes) == 2  # one per dataset


def test_customers_habits_of_thirty_days(data: Data, clicked: Shop) -> None:
    """The 1st of January is out of the window; of two carts c1 left one."""
    run(data, clicked, "events")
    run(data, clicked, "customers")
    found = rows(data, "customers", "customer_id")
    c1 = found["c1",]
    assert (c1["views_30d"], c1["carts_30d"], c1["purchase_events_30d"]) == (1, 3, 1)
    assert (c1["view_to_cart_30d"], c1["cart_to_purchase_30d"]) == (3, 1 / 3)
    assert c1["cart_abandonment_30d"] == 0.5
    c2 = found["c2",]  # only simulated events
    assert (c2["views_30d"], c2["view_to_cart_30d"], c2["cart_abandonment_30d"]) == (0, None, None)


def test_what_a_run_has_settled_on_is_not_pruned_before_it_reads_it(
    data: Data, clicked: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads the oldest release that knows its as-of, which is the next that retention lets go."""
    later = [event(hour, f"02-01T{hour}:00", "v9", "view", article_id="001") for hour in (20, 21, 22)]
    clicked.put("events", table([*EVENTS, *later], **{field.name: field.type for field in SCHEMA}))
    for hour in (21, 22, 23):
        run(data, clicked, "events", f"2020-02-01T{hour}:00:00Z")
    events = DatasetFolder(data.folder / "05_model_input" / "files", "events")
    oldest, newest = events.versions()[0], events.versions()[-1]
    plan = planning.plan

    def pruned_at_once(folder: DatasetFolder, *rest: Any) -> Any:
        planned = plan(folder, *rest)
        care.prune(events, care.prunable(events, 1, 0, dt.datetime.now(dt.UTC)))
        return planned

    monkeypatch.setattr(planning, "plan", pruned_at_once)
    run(data, clicked, "interactions")
    assert data.released().manifest.inputs["releases"]["events"] == oldest
    assert events.versions() == [oldest, newest]
