"""A real Airflow on a small shop: schedules, retries, kills, notices, backfills, its page."""

import datetime as dt
import http.server
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import browser
from tests.airflow.instance import Airflow
from tests.airflow.listener import Listener
from tests.airflow.test_dags import DAGS, EXPECTED, make_dags
from tests.conftest import Data
from tests.pipelines.test_reviews import ROWS, table
from tests.shops import Shop

pytestmark = pytest.mark.slow

CANARY = "canary-b3a1f7"


class Stage:
    """The shop, its data, who is told, and the Airflow that works on them."""

    def __init__(self, folder: Path, python: Path):
        self.shop = Shop(folder / "shop").write()
        self.shop.put("reviews", table(ROWS))
        self.data = Data(folder / "data")
        self.listener = Listener()
        told = f"json://user:{CANARY}@127.0.0.1:{self.listener.port}/told"
        self.airflow = Airflow(
            python,
            folder,
            make_dags(folder / "dags", "--params", "retry_minutes=0.05"),  # a minute is long for a test
            KEDRO_ENV="files",
            ML_ETL_KEDRO=str(Path(sys.executable).with_name("kedro")),
            ML_ETL_DATA=str(self.data.folder),
            ML_ETL_SHOP_FOLDER=str(self.shop.folder),
            ML_ETL_NOTIFY_URLS=told,
            ML_ETL_SOURCE_URL=f"postgresql://reader:{CANARY}@127.0.0.1:1/shop",
            ML_ETL_HASH_KEY=CANARY,
        )

    def versions(self, dataset: str) -> dict[str, Any]:
        from ml_etl.store.versions import DatasetFolder

        folder = DatasetFolder(self.data.folder / "05_model_input" / "files", dataset)
        return {manifest.version: manifest for manifest in folder.manifests()}

    def rows(self, dataset: str) -> dict[str, dict[str, Any]]:
        """Of etl_runs, by run id."""
        return {row["run_id"]: row for row in self.data.runs() if row["dataset"] == dataset}


@pytest.fixture(scope="module")
def stage(airflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("stage"), airflow_python)
    try:
        made.airflow.start()
        for dag in ("reviews_nlp", "articles_embeddings", "articles_content"):
            made.airflow.switch_on(dag)
        yield made
    finally:
        made.airflow.stop()
        made.listener.close()


def id_of(run: dict[str, Any]) -> str:
    """The project's run id, from the moment the DAG run was due."""
    due = dt.datetime.fromisoformat(run["run_after"])
    return due.strftime("%Y-%m-%dT%H.%M.%S.") + f"{due.microsecond // 1000:03}Z"


def tries(stage: Stage, dag: str, run: dict[str, Any]) -> dict[str, tuple[str, int]]:
    tasks = stage.airflow.tasks(dag, run["dag_run_id"])
    return {name: (task["state"], task["try_number"]) for name, task in tasks.items()}


def test_reviews_run_by_their_schedule_as_one_run(stage: Stage) -> None:
    run = stage.airflow.ended("reviews_nlp")
    assert (run["state"], run["run_type"]) == ("success", "scheduled")
    assert tries(stage, "reviews_nlp", run) == dict.fromkeys(("land", "build", "release"), ("success", 1))
    due = dt.datetime.fromisoformat(run["data_interval_end"])
    version = stage.versions("reviews")[id_of(run)]
    assert version.as_of == due.strftime("%Y-%m-%dT00:00:00Z")  # the shop's midnight before 01:00
    row = stage.rows("reviews")[id_of(run)]
    assert (row["status"], row["version"], row["airflow_run"]) == ("success", id_of(run), run["dag_run_id"])


def test_a_changed_catalogue_starts_the_embeddings(stage: Stage) -> None:
    articles = stage.airflow.ended("articles_content")
    assert tries(stage, "articles_content", articles)["announce"] == ("success", 1)
    run = stage.airflow.ended("articles_embeddings", lambda run: run["run_type"] == "asset_triggered")
    assert run["state"] == "success"
    assert set(tries(stage, "articles_embeddings", run).values()) == {("success", 1)}
    source = stage.versions("articles")[id_of(articles)]
    made = stage.versions("embeddings")[id_of(run)]
    assert made.as_of == source.as_of and made.inputs["releases"]["articles"] == source.version
    assert stage.rows("embeddings")[id_of(run)]["status"] == "success"


def test_killed_in_the_middle_and_retried_ends_in_the_same_bytes(stage: Stage, tmp_path: Path) -> None:
    stage.airflow.switch_on("user_item_interactions")
    killed = _kill_once_something_is_staged(stage.data.folder / "05_model_input" / "files" / "interactions")
    run = stage.airflow.ended("user_item_interactions")
    assert tries(stage, "user_item_interactions", run)["build"] == ("success", 2)
    made = stage.versions("interactions")[id_of(run)]
    assert killed == id_of(run) == made.run_id

    undisturbed = Data(tmp_path / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ML_ETL_DATA", str(undisturbed.folder))
        patch.setenv("ML_ETL_HASH_KEY", CANARY)
        undisturbed.run("interactions", env="files", as_of=made.as_of[:10], **stage.shop.params)
        other = undisturbed.released().manifest
    assert _hashes(made) == _hashes(other)


def _kill_once_something_is_staged(folder: Path) -> str:
    """Kill the process that builds as soon as it has written a file of its own; its run id."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            holder = json.loads((folder / ".holder.json").read_text())
            if any(path.is_file() for path in (folder / ".staged" / holder["run"]).glob("[!.]*")):
                os.kill(int(holder["process"]), signal.SIGKILL)
                return holder["run"]
        except (OSError, ValueError):
            pass
        time.sleep(0.01)
    raise AssertionError("nothing was staged")


def _hashes(manifest: Any) -> dict[str, str]:
    return {name: entry.sha256 for name, entry in manifest.artefacts.items()}


def test_a_source_that_is_away_is_tried_again_and_no_news_starts_nothing(stage: Stage) -> None:
    stage.airflow.ended("articles_embeddings", lambda run: run["run_type"] == "asset_triggered")
    before = len(stage.airflow.runs("articles_embeddings"))
    away = stage.shop.folder.with_name("away")
    stage.shop.folder.rename(away)
    try:
        asked = stage.airflow.trigger("articles_content")
        stage.airflow.until(
            lambda: stage.airflow.tasks("articles_content", asked)["land"]["state"] == "up_for_retry",
            "try again",
        )
    finally:
        away.rename(stage.shop.folder)
    run = stage.airflow.ended("articles_content", lambda run: run["dag_run_id"] == asked)
    found = tries(stage, "articles_content", run)
    assert (run["state"], found["announce"]) == ("success", ("skipped", 1))
    assert found["land"][1] >= 2
    assert len(stage.airflow.runs("articles_embeddings")) == before


def test_a_broken_contract_fails_at_once_and_both_that_and_the_recovery_are_told(stage: Stage) -> None:
    path = stage.shop.folder / "articles.parquet"
    kept = path.read_bytes()
    stage.shop.put("articles", table([{"n": 1}]).select(["review_id"]))  # no article_id
    stage.listener.received.clear()
    asked = stage.airflow.trigger("articles_content")
    run = stage.airflow.ended("articles_content", lambda run: run["dag_run_id"] == asked)
    assert run["state"] == "failed"
    assert tries(stage, "articles_content", run)["land"] == ("failed", 1)
    stage.airflow.until(lambda: stage.listener.received, "tell of the failure")
    path.write_bytes(kept)
    asked = stage.airflow.trigger("articles_content")
    assert (
        stage.airflow.ended("articles_content", lambda run: run["dag_run_id"] == asked)["state"] == "success"
    )
    stage.airflow.until(lambda: len(stage.listener.received) == 2, "tell of the recovery")
    failure, recovery = stage.listener.received
    assert (failure["title"], failure["type"]) == ("articles_content failed", "failure")
    assert "land" in failure["message"] and "contract" in failure["message"]
    assert (recovery["title"], recovery["type"]) == ("articles_content is well again", "success")


def test_a_backfill_of_three_days_gives_three_versions(stage: Stage) -> None:
    asked = ["--from-date", "2020-01-29", "--to-date", "2020-02-01", "--max-active-runs", "1"]
    result = stage.airflow.command("backfill", "create", "--dag-id", "articles_content", *asked)
    for _ in range(3):  # SQLite has one writer, and a busy scheduler may keep it
        if "database is locked" in result.stdout + result.stderr:
            result = stage.airflow.command("backfill", "create", "--dag-id", "articles_content", *asked)
    assert result.returncode == 0, result.stdout + result.stderr

    def done() -> list[dict[str, Any]] | None:
        runs = [run for run in stage.airflow.runs("articles_content") if run["run_type"] == "backfill"]
        return runs if len(runs) == 3 and all(run["state"] in ("success", "failed") for run in runs) else None

    runs = stage.airflow.until(done, "backfill")
    assert {run["state"] for run in runs} == {"success"}
    versions = stage.versions("articles")
    days = sorted(versions[id_of(run)].as_of[:10] for run in runs)
    assert days == ["2020-01-30", "2020-01-31", "2020-02-01"]  # the ends of the three days' intervals


def test_servers_listen_on_loopback_only(stage: Stage) -> None:
    assert stage.airflow.server is not None
    processes = psutil.Process(stage.airflow.server.pid).children(recursive=True)
    assert set().union(*map(_listening, processes)) == {"127.0.0.1"}


def _listening(process: psutil.Process) -> set[str]:
    """The addresses; none of a task's process that has ended since it was listed."""
    try:
        connections = process.net_connections()
    except psutil.NoSuchProcess:
        return set()
    return {connection.laddr.ip for connection in connections if connection.status == psutil.CONN_LISTEN}


def test_the_card_of_a_release_is_shown_to_whom_airflow_knows(stage: Stage) -> None:
    stage.airflow.ended("articles_content")
    status, page = stage.airflow.page("/ml_etl/cards/articles")
    current = json.loads((stage.data.folder / "05_model_input/files/articles/CURRENT").read_text())
    assert status == 200 and f"articles {current['version']}, as of" in page and "catalog_change" in page
    assert stage.airflow.page("/ml_etl/cards/articles", token="")[0] == 401
    assert stage.airflow.page("/ml_etl/cards/timeseries")[0] == 404  # not released
    assert stage.airflow.page("/ml_etl/cards/--help")[0] == 404


def test_the_page_shows_the_dags(stage: Stage, tmp_path: Path) -> None:
    if browser.CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the page is not looked at")
    door = _door(stage.airflow)
    dom = browser.opened(f"http://127.0.0.1:{door.server_port}/dags", tmp_path, "--dump-dom")
    door.shutdown()
    assert [name for name in EXPECTED if name not in dom] == []


def _door(airflow: Airflow) -> http.server.ThreadingHTTPServer:
    """A page that logs the browser in: cookies are a host's, whatever the port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Set-Cookie", f"_token={airflow.token}; Path=/")
            self.send_header("Location", f"{airflow.address}{self.path}")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_no_secret_is_written_anywhere(stage: Stage) -> None:
    """After all of the above: logs, database, data, DAG files."""
    written = [*stage.airflow.files(), *stage.data.folder.rglob("*"), *DAGS.rglob("*")]
    holding = [path for path in written if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert holding == []
    assert any(path.suffix == ".log" and "contract" in path.read_text() for path in stage.airflow.files())
