"""What Airflow's tasks cost: one DAG run beside the same `kedro run`, on the demo shop or --env's.

`python benchmarks/airflow_runs.py [DATASET] [--as-of DAY] [--before DAY] [--env NAME] [--work FOLDER]`. Both
start from the same data: what `kedro run` has at --before, where it is given. Prints both times, their
difference, and whether what they released is equal.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from tests.airflow.instance import Airflow  # noqa: E402 -- the project is no installed package

_NEVER = "2099-01-01"
"""From when on the schedule makes runs: it shall not make one beside ours."""

KEDRO = Path(sys.executable).with_name("kedro")


def main() -> None:
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="airflow-", dir=asked.work) as folder:
        ours, theirs = Path(folder) / "ours", Path(folder) / "theirs"
        if asked.before:
            _kedro(asked, ours, asked.before)
            shutil.copytree(ours, theirs)
        seconds = _kedro(asked, ours, asked.as_of)
        told = _airflow(asked, Path(folder), theirs)
        same = _hashes(asked, ours) == _hashes(asked, theirs)
    print(f"{asked.dataset}, as of {asked.as_of}{', a batch after ' + asked.before if asked.before else ''}")
    print(f"  kedro run    {seconds:6.1f} s")
    print(f"  DAG run      {told['seconds']:6.1f} s   " + ", ".join(f"{n} {s:.1f}" for n, s in told["tasks"]))
    print(f"  overhead     {told['seconds'] - seconds:6.1f} s")
    print(f"  releases are {'equal' if same else 'NOT EQUAL'}")
    sys.exit(0 if same else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", nargs="?", default="events")
    parser.add_argument("--as-of", default="2017-12-31")
    parser.add_argument("--before")
    parser.add_argument("--env", default="local")
    parser.add_argument("--work", type=Path)
    return parser.parse_args()


def _environment(asked: argparse.Namespace, data: Path) -> dict[str, str]:
    return {"ML_ETL_DATA": str(data), "KEDRO_ENV": asked.env, "ML_ETL_KEDRO": str(KEDRO)}


def _kedro(asked: argparse.Namespace, data: Path, as_of: str) -> float:
    began = time.perf_counter()
    command = [KEDRO, "run", "--pipelines", asked.dataset, "--params", f"as_of={as_of}"]
    subprocess.run(command, cwd=PROJECT, env={**os.environ, **_environment(asked, data)}, check=True)
    return time.perf_counter() - began


def _airflow(asked: argparse.Namespace, folder: Path, data: Path) -> dict[str, Any]:
    """Seconds of the DAG run, from its start to its end, and of its tasks."""
    dag = yaml.safe_load((PROJECT / "conf/base/airflow.yml").read_text("utf-8"))[asked.dataset]["dag_id"]
    python = PROJECT / "airflow" / ".venv" / "bin" / "python"
    make = [sys.executable, "airflow/make_dags.py", folder / "dags", "--params", f"start_date={_NEVER}"]
    subprocess.run(make, cwd=PROJECT, check=True, capture_output=True)
    airflow = Airflow(python, folder, folder / "dags", **_environment(asked, data))
    try:
        airflow.start()
        airflow.switch_on(dag)
        mine = airflow.trigger(dag, as_of=asked.as_of)
        run = airflow.ended(dag, lambda run: run["dag_run_id"] == mine, seconds=3600)
        assert run["state"] == "success", airflow.logs()
        tasks = airflow.tasks(dag, mine).items()
        took = datetime.fromisoformat(run["end_date"]) - datetime.fromisoformat(run["start_date"])
        return {"seconds": took.total_seconds(), "tasks": [(name, task["duration"]) for name, task in tasks]}
    finally:
        airflow.stop()


def _hashes(asked: argparse.Namespace, data: Path) -> dict[str, str]:
    command = [KEDRO, "releases", "show", asked.dataset, "--json"]
    given = {**os.environ, **_environment(asked, data)}
    shown = subprocess.run(command, cwd=PROJECT, env=given, check=True, capture_output=True, text=True).stdout
    return {name: entry["sha256"] for name, entry in json.loads(shown)["artefacts"].items()}


if __name__ == "__main__":
    main()
