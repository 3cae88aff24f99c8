"""A run in steps, each a session of its own, is the run that one session makes."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from ml_etl.errors import UsageError
from ml_etl.run import steps
from ml_etl.store.manifest import Manifest
from tests.conftest import PROJECT, Data
from tests.shops import Shop

AS_OF = "2020-02-01"
STEPS = ("land", "build", "release")


def step(
    data: Data, shop: Shop, name: str, run_id: str = "a", dataset: str = "articles", **params: Any
) -> None:
    """One step, as `kedro step` runs it."""
    from kedro.framework.startup import bootstrap_project

    from ml_etl.run.session import EtlSession, Step

    bootstrap_project(PROJECT)
    with EtlSession.create(project_path=PROJECT, env="files") as session:
        assert isinstance(session, EtlSession)
        given = {"as_of": AS_OF, **shop.params, **params}
        session.run(run_id=run_id, runtime_params=given, step=Step(dataset, name))


def versions(data: Data, dataset: str = "articles") -> dict[str, Manifest]:
    from ml_etl.store.versions import DatasetFolder

    folder = DatasetFolder(data.folder / "05_model_input" / "files", dataset)
    return {manifest.version: manifest for manifest in folder.manifests()}


def hashes(manifest: Manifest) -> dict[str, str]:
    return {name: entry.sha256 for name, entry in manifest.artefacts.items()}


def sell(shop: Shop) -> None:
    """One more purchase, of a day before the as-of."""
    shop.lines.append({"t_dat": dt.date(2020, 1, 31), "customer_id": "c2", "article_id": "003", "price": 9.0})
    shop.write()


def test_steps_release_what_one_run_releases(
    data: Data, shop: Shop, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in STEPS:
        assert "a" not in versions(data)
        step(data, shop, name)
    in_steps = versions(data)["a"]
    monkeypatch.setenv("ML_ETL_DATA", str(tmp_path / "other"))
    at_once = Data(tmp_path / "other")
    at_once.run("articles", env="files", run_id="a", as_of=AS_OF, **shop.params)
    other = versions(at_once)["a"]
    assert hashes(in_steps) == hashes(other)
    assert in_steps.checks == other.checks
    assert not list((data.folder / "05_model_input" / "files" / "articles" / ".staged").iterdir())


def test_one_row_of_etl_runs_tells_of_all_steps(data: Data, shop: Shop) -> None:
    told = []
    for name in STEPS:
        step(data, shop, name)
        told += data.runs()
    assert [row["status"] for row in told] == ["running", "partial", "success"]
    assert {row["run_id"] for row in told} == {"a"}
    assert len({row["started_at"] for row in told}) == 1  # the run began with its first step
    assert {"judge_articles", "release_articles"} <= set(told[-1]["steps"])


def test_what_is_landed_between_steps_is_the_next_runs(data: Data, shop: Shop) -> None:
    step(data, shop, "land")
    step(data, shop, "build")
    sell(shop)
    step(data, shop, "land", run_id="b")
    step(data, shop, "release")
    assert versions(data)["a"].checks["tables"]["transactions"]["rows_in"] == 10
    step(data, shop, "build", run_id="b")
    step(data, shop, "release", run_id="b")
    assert versions(data)["b"].checks["tables"]["transactions"]["rows_in"] == 11


def test_work_that_another_run_swept_is_done_again(data: Data, shop: Shop) -> None:
    step(data, shop, "land")
    step(data, shop, "build")
    data.run("articles", env="files", run_id="b", as_of="2020-01-31", **shop.params)
    step(data, shop, "release")
    made = versions(data)
    assert sorted(made) == ["a", "b"] and made["a"].as_of == "2020-02-01T00:00:00Z"


def test_a_step_again_is_the_same(data: Data, shop: Shop) -> None:
    for name in ("land", "build", "build", "release", "release"):
        step(data, shop, name)
    sell(shop)
    step(data, shop, "land", run_id="b")
    step(data, shop, "release")  # killed after its commit, then tried again: the news are another run's
    assert list(versions(data)) == ["a"]


def test_nothing_new_releases_nothing(data: Data, shop: Shop) -> None:
    for run_id in ("a", "b"):
        for name in STEPS:
            step(data, shop, name, run_id=run_id)
    assert list(versions(data)) == ["a"]
    assert {row["run_id"]: row["status"] for row in data.runs()} == {"a": "success", "b": "unchanged"}


def test_what_is_no_step_or_no_dataset_is_said(data: Data, shop: Shop) -> None:
    with pytest.raises(UsageError, match="articles has no step bake; its steps: land, build, release"):
        step(data, shop, "bake")
    with pytest.raises(UsageError, match="landing is no dataset"):
        step(data, shop, "land", dataset="landing")
    with pytest.raises(UsageError, match="as_of: expected a day"):
        step(data, shop, "land")
        step(data, shop, "build", as_of="the first of February")


@pytest.mark.parametrize(
    ("asked", "zone", "day"),
    [
        ("2020-02-01T03:00:00+00:00", "UTC", "2020-02-01"),
        ("2020-02-01T03:00:00+00:00", "America/New_York", "2020-01-31"),  # 22:00 there
        ("2020-02-01T23:30:00Z", "Europe/Berlin", "2020-02-02"),  # half past midnight there
        ("2020-02-01T05:00:00", "America/New_York", "2020-02-01"),  # midnight itself; no zone: UTC
        ("2020-02-01", "America/New_York", "2020-02-01"),
        (None, "UTC", None),
    ],
)
def test_an_instant_means_the_newest_midnight_before_it(
    asked: str | None, zone: str, day: str | None
) -> None:
    from kedro.pipeline import Pipeline

    assert steps.newest_as_of(Pipeline([]), asked, zone) == day


def test_what_grows_within_a_day_takes_the_instant() -> None:
    from kedro.pipeline import Node, Pipeline

    grows = Pipeline([Node(lambda before: before, "state.clicks.table", "clicks.table", name="add")])
    assert steps.newest_as_of(grows, "2020-02-01T03:15:00Z", "UTC") == "2020-02-01T03:15:00Z"


def test_batches_in_steps_are_the_batches_of_whole_runs(
    data: Data, shop: Shop, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.put("events", clicks())
    batches = {"a": "2024-03-10T12:00:00Z", "b": "2024-03-10T12:15:00Z"}
    for run_id, as_of in batches.items():
        for name in ("build", "release"):
            step(data, shop, name, run_id=run_id, dataset="events", as_of=as_of)
    in_steps = versions(data, "events")
    monkeypatch.setenv("ML_ETL_DATA", str(tmp_path / "other"))
    at_once = Data(tmp_path / "other")
    for run_id, as_of in batches.items():
        at_once.run("events", env="files", run_id=run_id, as_of=as_of, **shop.params)
    whole = versions(at_once, "events")
    assert [manifest.as_of for manifest in in_steps.values()] == list(batches.values())
    assert {name: hashes(made) for name, made in in_steps.items()} == {
        name: hashes(made) for name, made in whole.items()
    }


def clicks() -> pa.Table:
    """Four views: two before noon, one in the quarter after it, one later still."""
    minutes = (-30, -20, 5, 20)
    noon = dt.datetime(2024, 3, 10, 12)
    at = [noon + dt.timedelta(minutes=m) for m in minutes]
    return pa.table(
        {
            "event_id": [f"e{number}" for number in range(1, 5)],
            "visitor_id": ["v1"] * 4,
            "article_id": ["001", "002", "001", "002"],
            "event_type": ["view"] * 4,
            "created_at": pa.array(at, pa.timestamp("us")),
            "ingested_at": pa.array(at, pa.timestamp("us")),
        }
    )
