"""Airflow's own environment, made by the project's own target, and a home in it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.conftest import PROJECT

_ENVIRONMENT = PROJECT / "airflow" / ".venv"
_LAST_LINES = 5


@pytest.fixture(scope="session")
def airflow_python(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Airflow's Python; tests are skipped only where its environment can't be installed."""
    base = tmp_path_factory.getbasetemp()
    with FileLock((base if worker_id == "master" else base.parent) / "airflow.lock"):
        made = subprocess.run(
            ["make", "airflow-env"], cwd=PROJECT, capture_output=True, text=True, timeout=1200
        )
    if made.returncode:
        said = " | ".join((made.stdout + made.stderr).strip().splitlines()[-_LAST_LINES:])
        pytest.skip(f"Airflow's environment can't be installed (`make airflow-env`): {said}")
    return _ENVIRONMENT / "bin" / "python"


class InAirflow:
    """Runs a piece of Python in Airflow's environment, with a home of its own."""

    def __init__(self, python: Path, home: Path):
        self.python, self.home = python, home

    def environment(self, **more: str) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        own = {"AIRFLOW_HOME": str(self.home), "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}
        return {**ours, **own, "PYTHONPATH": str(PROJECT / "airflow" / "plugins"), **more}

    def run(self, *command: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, *command],
            cwd=PROJECT,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=300,
        )

    def told(self, code: str, **more: str) -> Any:
        """What the code prints as JSON on its last line."""
        result = self.run("-W", "ignore", "-c", code, **more)
        assert result.returncode == 0, result.stdout + result.stderr
        return json.loads(result.stdout.strip().splitlines()[-1])


@pytest.fixture
def in_airflow(airflow_python: Path, tmp_path: Path) -> InAirflow:
    """A home that was made by the init script's own settings."""
    made = InAirflow(airflow_python, tmp_path / "airflow")
    result = made.run(
        "-c", "import sys; sys.path[:0] = ['airflow']; import home; home.write_config(home.home())"
    )
    assert result.returncode == 0, result.stderr
    return made
