"""Telling MLflow, by its own client: the only module that imports it."""

import logging
import os
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")  # a tracker that is down must not hold a run up

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, Experiment, Metric, Param, Run, RunStatus, RunTag

from ml_etl.processes import peak_memory
from ml_etl.tracked import TrackedRun

logging.getLogger("mlflow").setLevel(logging.WARNING)  # that it makes its database is no news
_KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Which of its two faces MLflow shows an experiment with: this one has metrics and artefacts, not prompts."""

_LONGEST = 6000
"""MLflow's limit for a parameter's text."""


def tell(run: TrackedRun, uri: str, files: Path) -> str:
    """Tell of the run; gives MLflow's id of it. New experiments keep their files below `files`."""
    client = MlflowClient(uri)
    experiment = _experiment(client, f"ml_etl.{run.dataset}", uri, files)
    told = _found(client, experiment, run) or _created(client, experiment, run)
    number = told.info.run_id
    client.log_batch(number, _metrics(run, told), _new_params(run, told), _tags(run))
    client.log_inputs(number, _inputs(run))
    for name, text in run.files.items():
        client.log_text(number, text, name)
    client.set_terminated(number, RunStatus.to_string(RunStatus.FINISHED))
    return number


def _experiment(client: MlflowClient, name: str, uri: str, files: Path) -> Experiment:
    found = client.get_experiment_by_name(name)
    if found is None:
        # MLflow's own default for a database is a folder below wherever the process runs.
        location = None if uri.startswith("http") else files.as_uri()
        client.create_experiment(name, artifact_location=location, tags=_KIND)
        found = client.get_experiment_by_name(name)
    assert found is not None
    return found


def _found(client: MlflowClient, experiment: Experiment, run: TrackedRun) -> Run | None:
    """The run that an earlier try of the same logical run began: `kill -9` leaves it RUNNING."""
    asked = f"tags.`ml_etl.run_id` = '{run.run_id}' and tags.`ml_etl.dataset` = '{run.dataset}'"
    runs = client.search_runs([experiment.experiment_id], filter_string=asked, max_results=1)
    return runs[0] if runs else None


def _created(client: MlflowClient, experiment: Experiment, run: TrackedRun) -> Run:
    tags = {tag.key: tag.value for tag in _tags(run)}
    return client.create_run(experiment.experiment_id, tags=tags, run_name=f"{run.dataset} {run.version}")


def _tags(run: TrackedRun) -> list[RunTag]:
    told = {"ml_etl.run_id": run.run_id, "ml_etl.dataset": run.dataset, "ml_etl.version": run.version}
    return [RunTag(name, value) for name, value in told.items()]


def _metrics(run: TrackedRun, told: Run) -> list[Metric]:
    """At the moment the run began, so that a retry's values replace none with an older time."""
    metrics = run.metrics | {"peak_memory_mb": peak_memory() / 1e6}
    return [Metric(name, value, told.info.start_time, 0) for name, value in metrics.items()]


def _new_params(run: TrackedRun, told: Run) -> list[Param]:
    """Parameters can't change within a run: a retry tells only those that are missing."""
    known = told.data.params
    return [Param(name, str(value)[:_LONGEST]) for name, value in run.params.items() if name not in known]


def _inputs(run: TrackedRun) -> list[DatasetInput]:
    return [
        DatasetInput(Dataset(name=name, digest=digest[:36], source_type="local", source=name), [])
        for name, digest in run.inputs.items()
    ]
