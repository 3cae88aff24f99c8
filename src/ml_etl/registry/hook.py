"""The witness that writes etl_runs. A registry that can't be reached is warned of and costs no data."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from ml_etl.layout import PROJECT, Layout
from ml_etl.processes import peak_memory
from ml_etl.registry.rows import continued, finished, reconciled
from ml_etl.run.clock import StepClock
from ml_etl.store.versions import DatasetFolder

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node


class RunRegistryHook:
    """Opens a row per dataset when a run starts, closes it when the run ends."""

    def __init__(self) -> None:
        self._url: str | None = None
        self._layout = Layout.of("data", "")
        self._clock = StepClock()

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        settings = context.config_loader["globals"]
        self._url = settings.get("registry_url")
        self._layout = Layout.of(settings["data"], settings["shop"])

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline) -> None:
        self._clock = StepClock()
        opened = {
            "status": "running",
            "started_at": _now(),
            "finished_at": None,
            "error": None,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "git_commit": _git_commit(PROJECT),
            "airflow_run": os.environ.get("AIRFLOW_CTX_DAG_RUN_ID"),
        }
        self._try(self._reconcile, _datasets(pipeline))
        self._try(self._write, run_params["run_id"], dict.fromkeys(_datasets(pipeline), opened))

    @hook_impl
    def before_dataset_loaded(self, node: Node) -> None:
        self._clock.start(node)

    @hook_impl
    def after_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        self._try(self._write, run_params["run_id"], self._finished(pipeline, catalog))

    @hook_impl
    def on_pipeline_error(
        self, error: Exception, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        failed = {"status": "failed", "error": f"{type(error).__name__}: {error}"[:4000], **_closing()}
        rows = dict.fromkeys(_datasets(pipeline), failed)
        released = {
            name: row for name, row in self._finished(pipeline, catalog).items() if row["status"] != "partial"
        }
        self._try(self._write, run_params["run_id"], rows | released)

    def _finished(self, pipeline: Pipeline, catalog: CatalogProtocol) -> dict[str, dict[str, Any]]:
        from ml_etl.run.outcome import outcomes  # the engine: every `kedro` command imports this module

        self._clock.stop()
        steps = self._clock.by_step
        return {o.plan.dataset: finished(o, steps) | _closing() for o in outcomes(pipeline, catalog)}

    def _write(self, table: ModuleType, engine: Any, run_id: str, rows: dict[str, dict[str, Any]]) -> None:
        for dataset, values in rows.items():
            before = table.read(engine, run_id, dataset)
            table.write(engine, run_id, dataset, continued(before, values) if before else values)

    def _reconcile(self, table: ModuleType, engine: Any, datasets: list[str]) -> None:
        """Settle what killed runs left open."""
        for row in table.unfinished(engine, datasets):
            folder = DatasetFolder(self._layout.releases, row["dataset"])
            if status := reconciled(row, folder):
                table.write(engine, row["run_id"], row["dataset"], {"status": status, "finished_at": _now()})

    def _try(self, action: Callable[..., None], *arguments: Any) -> None:
        """Do it with the registry, or warn."""
        try:
            from ml_etl.registry import table  # SQLAlchemy: only runs pay for its import

            action(table, table.connect(self._url, self._layout.registry), *arguments)
        except Exception as error:
            logging.getLogger(__name__).warning(
                "etl_runs can't be written (%s%s); the run goes on. Look at ML_ETL_REGISTRY_URL.",
                type(error).__name__,
                _first_line(error) if self._is_file() else "",
            )

    def _is_file(self) -> bool:
        """Whether an error's text may be shown: a server's repeats parts of the URL, even of a password."""
        return self._url is None or self._url.startswith("sqlite:///")


def _datasets(pipeline: Pipeline) -> list[str]:
    """Datasets a pipeline releases."""
    suffix = ".release"
    return sorted(name.removesuffix(suffix) for name in pipeline.all_outputs() if name.endswith(suffix))


def _closing() -> dict[str, Any]:
    return {"finished_at": _now(), "peak_memory_bytes": peak_memory()}


def _git_commit(project: Path) -> str | None:
    """The commit HEAD names, read from the files, since a process per run would be dear."""
    with contextlib.suppress(OSError, ValueError):
        head = (project / ".git" / "HEAD").read_text("utf-8").strip()
        if not head.startswith("ref: "):
            return head[:40]
        return (project / ".git" / head.removeprefix("ref: ")).read_text("utf-8").strip()[:40]
    return None


def _first_line(error: Exception) -> str:
    return f": {str(error).splitlines()[0][:200]}" if str(error) else ""


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
