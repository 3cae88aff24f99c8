"""The generated DAGs: as the configuration says, parsed by Airflow itself, light at every parse."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ml_etl.pipeline_registry import DATASETS, register_pipelines
from ml_etl.run import steps
from tests.airflow.conftest import InAirflow
from tests.conftest import PROJECT

DAGS = PROJECT / "airflow" / "dags"
SCHEDULES = {
    "reviews_nlp": "0 1 * * *",
    "user_item_interactions": "0 2 * * *",
    "articles_content": "0 3 * * *",
    "articles_embeddings": "0 3 * * 0",
    "customer_features": "0 4 * * *",
    "timeseries": "0 5 * * *",
    "events_and_funnels": "*/15 * * * *",
}
OF_DATASET = {
    "interactions": "user_item_interactions",
    "articles": "articles_content",
    "embeddings": "articles_embeddings",
    "customers": "customer_features",
    "timeseries": "timeseries",
    "reviews": "reviews_nlp",
    "events": "events_and_funnels",
}
EXPECTED = sorted(OF_DATASET[name] for name in DATASETS)


def make_dags(folder: Path, *options: str) -> Path:
    """The DAGs, generated anew into a folder."""
    command = [sys.executable, "airflow/make_dags.py", str(folder), *options]
    made = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300)
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


def test_the_files_are_what_make_dags_gives(tmp_path: Path) -> None:
    made = make_dags(tmp_path / "dags")
    assert {p.name: p.read_text() for p in made.iterdir()} == {
        p.name: p.read_text() for p in DAGS.glob("*.py")
    }
    assert sorted(path.stem for path in made.iterdir()) == EXPECTED


def test_tasks_are_the_steps_that_the_pipelines_have() -> None:
    told, pipelines = yaml.safe_load((PROJECT / "conf/base/airflow.yml").read_text()), register_pipelines()
    for dataset in DATASETS:
        own = steps.own(pipelines[dataset], dataset)
        named = told[dataset].get("steps", told["default"]["steps"])
        assert sorted(named) == sorted(steps.names(own, dataset)), dataset
        for step, takes in named.items():
            encodes = any("gpu" in node.tags for node in steps.of(own, dataset, [step]))
            assert ("gpu" in takes.get("tags", [])) == encodes, (dataset, step)
        order = list(named)
        for step in named:
            before = set(order[: order.index(step)])
            assert steps.stands_on(own, dataset, step) <= before, (dataset, step)


@pytest.fixture(scope="module")
def parsed(airflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Airflow's own DagBag makes of the files."""
    inside = InAirflow(airflow_python, tmp_path_factory.mktemp("airflow"))
    result = inside.run("-W", "ignore", "tests/airflow/parse.py", *sorted(DAGS.glob("*.py")))
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def dags(parsed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {dag["ids"][0]: dag for dag in parsed["dags"]}


@pytest.mark.slow
def test_all_parse_without_errors(parsed: dict[str, Any], dags: dict) -> None:
    assert [dag["errors"] for dag in parsed["dags"]] == [{}] * len(EXPECTED)
    assert sorted(dags) == EXPECTED  # distinct ids, each in the file of its name
    assert all((Path(dag["path"]).stem, len(dag["ids"])) == (name, 1) for name, dag in dags.items())


@pytest.mark.slow
def test_parsing_is_quick_and_imports_neither_kedro_nor_ml(parsed: dict[str, Any]) -> None:
    assert max(dag["seconds"] for dag in parsed["dags"]) < 0.5
    heavy = {
        "kedro",
        "ml_etl",
        "ibis",
        "duckdb",
        "pandas",
        "numpy",
        "sklearn",
        "torch",
        "kubernetes",
        "apprise",
    }
    assert not heavy & set(parsed["modules"])


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPECTED)
def test_schedules(dags: dict, name: str) -> None:
    dag, waits = dags[name], name == "articles_embeddings"
    assert (dag["cron"], dag["timezone"]) == (SCHEDULES[name], "UTC")
    assert dag["timetable"] == ("AssetOrTimeSchedule" if waits else "CronDataIntervalTimetable")
    assert dag["assets"] == (["articles_catalogue"] if waits else [])
    assert (dag["max_active_runs"], dag["catchup"]) == (1, False)


@pytest.mark.slow
def test_only_articles_announces_and_last_of_all(dags: dict) -> None:
    telling = {
        (name, task) for name, dag in dags.items() for task in dag["tasks"] if dag["tasks"][task]["outlets"]
    }
    assert telling == {("articles_content", "announce")}
    announce = dags["articles_content"]["tasks"]["announce"]
    assert (announce["outlets"], announce["downstream"]) == (["articles_catalogue"], [])


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPECTED)
def test_every_dag_says_what_it_is_and_has_limits(dags: dict, name: str) -> None:
    dag = dags[name]
    dataset = next(dataset for dataset in OF_DATASET if OF_DATASET[dataset] == name)
    assert dag["tags"] == sorted(["ml_etl", dataset])
    assert f"/ml_etl/cards/{dataset}" in dag["docs"] and "data_dictionary.md" in dag["docs"]
    for task in dag["tasks"].values():
        assert (task["owner"], task["minutes"] > 0, task["retries"] > 0) == ("data", True, True)
        assert task["pool"] in {"source_db", "builds", "gpu", "default_pool"}
        assert all(isinstance(argument, str) for argument in task["arguments"])
    assert dag["tasks"].get("land", {"pool": "source_db"})["pool"] == "source_db"


@pytest.mark.slow
def test_tasks_follow_one_another(dags: dict) -> None:
    tasks = dags["articles_embeddings"]["tasks"]
    assert list(tasks) == ["tfidf", "text", "image", "index", "release"]
    assert [task["downstream"] for task in tasks.values()] == [
        ["text"],
        ["image"],
        ["index"],
        ["release"],
        [],
    ]
    assert (tasks["text"]["pool"], tasks["index"]["pool"]) == ("gpu", "builds")
