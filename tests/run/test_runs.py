"""One logical run, one id: no-ops, retries, backfills, parts, and what as-of means."""

import datetime as dt
from pathlib import Path

import pytest

from ml_etl.errors import UsageError
from tests.conftest import Data
from tests.shops import Shop

LATE = {"t_dat": dt.date(2020, 2, 10), "customer_id": "c3", "article_id": "002", "price": 3.0}


def build(data: Data, shop: Shop, **more: object) -> None:
    data.run("interactions", env="files", **shop.params, **more)


def hashes(release) -> dict[str, str]:
    return {name: entry.sha256 for name, entry in release.manifest.artefacts.items()}


def test_the_run_id_is_the_version(data: Data, shop: Shop) -> None:
    data.run("interactions", env="files", run_id="run-1", **shop.params)
    assert data.released().version == "run-1"
    assert data.runs()[0]["run_id"] == "run-1"


def test_nothing_new_is_a_recorded_no_op(data: Data, shop: Shop) -> None:
    data.run("interactions", env="files", run_id="a", **shop.params)
    data.run("interactions", env="files", run_id="b", **shop.params)
    assert data.released().version == "a"
    assert {(row["run_id"], row["status"]) for row in data.runs()} == {("a", "success"), ("b", "unchanged")}


@pytest.mark.parametrize("change", ["parameter", "row"])
def test_what_matters_makes_a_new_version(data: Data, shop: Shop, change: str) -> None:
    data.run("interactions", env="files", run_id="a", **shop.params)
    more = {"interactions": {"default_score": "score_trend"}} if change == "parameter" else {}
    if change == "row":
        shop.lines.append({**LATE, "t_dat": dt.date(2020, 1, 31)})
        shop.write()
    data.run("interactions", env="files", run_id="b", **shop.params, **more)
    assert data.released().version == "b"


def test_the_same_id_again_is_the_same_release_or_the_next_number(data: Data, shop: Shop) -> None:
    data.run("interactions", env="files", run_id="a", **shop.params)
    data.run("interactions", env="files", run_id="a", **shop.params)
    assert [m.version for m in data.released().manifest and _manifests(data)] == ["a"]
    shop.lines.append(LATE)
    shop.write()
    data.run("interactions", env="files", run_id="a", **shop.params)
    assert data.released().version == "a-2"
    assert [m.version for m in _manifests(data)] == ["a", "a-2"]


def _manifests(data: Data):
    from ml_etl.store.versions import DatasetFolder

    return DatasetFolder(data.folder / "05_model_input" / "files", "interactions").manifests()


def test_rows_at_or_after_the_as_of_change_no_byte(data: Data, shop: Shop) -> None:
    """Rows 1 and 2 and 9 and 10 are known on 2020-01-30; later purchases, articles and people are not."""
    build(data, shop, as_of="2020-01-30")
    before = data.released(as_of="2020-01-30")
    assert before.manifest.rows == 3
    shop.lines.append(LATE)
    shop.articles.append({"article_id": "005", "is_merchandise": True})
    shop.customers.append({"customer_id": "c4", "age": 30.0})
    build(data, shop.write())
    build(data, shop, as_of="2020-01-30", interactions={"min_share_of_previous": 0.4})  # built again
    again = data.released(as_of="2020-01-30")
    assert again.version != before.version
    assert hashes(again) == hashes(before)


def test_a_backfill_is_found_and_leaves_current_alone(data: Data, shop: Shop) -> None:
    build(data, shop)
    current = data.released().version
    build(data, shop, as_of="2020-01-20")
    assert data.released().version == current
    found = data.released(as_of="2020-01-25")
    assert (found.as_of, found.manifest.rows) == (dt.datetime(2020, 1, 20, tzinfo=dt.UTC), 1)
    with pytest.raises(UsageError, match="oldest"):
        data.released(as_of="2019-01-01")


def test_old_indices_are_a_prefix_of_later_ones(data: Data, shop: Shop) -> None:
    build(data, shop, as_of="2020-01-26")
    build(data, shop)
    for name in ("customer_index", "article_index"):
        old = data.released(as_of="2020-01-26").read(name).order_by("index").to_pyarrow().to_pylist()
        new = data.released().read(name).order_by("index").to_pyarrow().to_pylist()
        assert old == new[: len(old)]
        assert len(new) > len(old)


def test_a_run_in_part_never_releases(data: Data, shop: Shop) -> None:
    from kedro.framework.startup import bootstrap_project

    from ml_etl.run.session import EtlSession
    from tests.conftest import PROJECT

    bootstrap_project(PROJECT)
    with EtlSession.create(project_path=PROJECT, env="files") as session:
        session.run(
            pipeline_names=["interactions"], to_nodes=["score_interactions"], runtime_params=shop.params
        )
    assert not _manifests(data)


def test_events_that_cant_be_read_are_one_screen_of_text(data: Data, shop: Shop, tmp_path: Path) -> None:
    """The second line is half-written; the default as-of is told from the same file."""
    file = tmp_path / "clicks.jsonl"
    line = '{"session":1,"events":[{"aid":1,"ts":1710028800000,"type":"clicks"}]}\n'
    file.write_text(line + line[:40])
    given = f"shop_folder={shop.folder},shop_timezone=UTC,events_jsonl={file}"
    result = data.kedro("run", "--pipelines", "events", "--env", "files", "--params", given)
    assert result.returncode == 3
    assert "source.events" in result.stderr and "clicks.jsonl" in result.stderr
    assert "Traceback" not in result.stdout + result.stderr


def test_nodes_that_need_a_plan_and_write_nothing_are_a_usage_error(data: Data, shop: Shop) -> None:
    given = ["--env", "files", "--params", f"shop_folder={shop.folder},shop_timezone=UTC"]
    result = data.kedro("run", "--pipelines", "customers", "--to-nodes", "score_rfm", *given)
    assert result.returncode == 2
    assert "known.events.table" in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr


def test_parts_of_one_run_in_two_processes_release_together(data: Data, shop: Shop) -> None:
    """As a scheduler runs it: build in one process, release in another, one id."""
    given = ["--env", "files", "--params", f"shop_folder={shop.folder},shop_timezone=UTC"]
    first = data.kedro("run", "--pipelines", "landing", *given, ML_ETL_RUN_ID="dag-1")
    assert first.returncode == 0, first.stderr
    second = data.kedro("run", "--pipelines", "interactions", *given, ML_ETL_RUN_ID="dag-1")
    assert second.returncode == 0, second.stderr
    assert data.released().version == "dag-1"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"as_of": "yesterday"}, "as_of: expected a day"),
        ({"as_of": "2999-01-01"}, "came 2999-01-01"),
        ({"as_of": "9999-12-31"}, "came 9999-12-31"),
        ({"as_of": "0001-01-01"}, "came 0001-01-01"),
        ({"shop_timezone": "Mars/Olympus"}, "no IANA time zone"),
        ({"interactions": {"default_score": "best"}}, "default_score"),
        ({"interactions": {"defualt_score": "score_trend"}}, "defualt_score"),
        ({"interactions": {"splits": {"validation_from": "2020-01-31"}}}, "came 2020-01-31 and 2020-01-04"),
        ({"interactions": {"splits": {"test_days": 10**9}}}, "test_days"),
        ({"interactions": {"splits": {"test_from": "0001-01-01"}}}, "test_from"),
    ],
)
def test_a_parameter_that_cant_be_meant_is_a_usage_error(data: Data, shop: Shop, params, said) -> None:
    with pytest.raises(UsageError, match=said) as error:
        data.run("interactions", env="files", **{**shop.params, **params})
    assert error.value.exit_code == 2


def test_a_run_id_that_leaves_the_folder_is_refused(data: Data, shop: Shop) -> None:
    with pytest.raises(UsageError, match="ML_ETL_RUN_ID"):
        data.run("interactions", env="files", run_id="../../etc", **shop.params)
