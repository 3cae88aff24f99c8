"""A whole Airflow on loopback, as `make airflow` starts it, and what its API answers."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import browser
from tests.conftest import PROJECT

_PATIENCE = 300
_DONE = ("success", "failed")


class Airflow:
    """Started by `airflow/start_airflow.py` in a home of its own; its tasks run the project under test."""

    def __init__(self, python: Path, folder: Path, dags: Path, **environment: str):
        self.home, self.port = folder / "airflow", browser.free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._python, self._log = python, folder / "start.log"
        self._given = {
            **os.environ,
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
            **environment,
        }
        self.token = ""
        self.server: subprocess.Popen | None = None

    def start(self) -> "Airflow":
        init = subprocess.run(
            ["bash", "airflow/init_airflow.sh"], cwd=PROJECT, env=self._given, capture_output=True, text=True
        )
        assert init.returncode == 0, init.stdout + init.stderr
        self.server = subprocess.Popen(
            [self._python, "airflow/start_airflow.py", "--port", str(self.port)],
            cwd=PROJECT,
            env=self._given,
            stdout=self._log.open("w"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.until(lambda: "Airflow runs" in self._log.read_text() or self.server.poll() is not None, "start")
        assert self.server.poll() is None, self._log.read_text() + self.logs()
        self.token = self._log_in()
        self.until(lambda: self.get("dags")["total_entries"] >= len(list(self._dags())), "know its DAGs")
        return self

    def stop(self) -> None:
        if self.server is not None:
            self.server.terminate()  # it ends what it started
            self.server.wait(60)

    def _dags(self) -> list[Path]:
        return list(Path(self._given["AIRFLOW__CORE__DAGS_FOLDER"]).glob("*.py"))

    @property
    def password(self) -> str:
        return json.loads((self.home / "simple_auth_manager_passwords.json").read_text())["admin"]

    def _log_in(self) -> str:
        return self._ask("POST", "/auth/token", {"username": "admin", "password": self.password})[
            "access_token"
        ]

    def get(self, path: str) -> Any:
        return self._ask("GET", f"/api/v2/{path}")

    def page(self, path: str, token: str | None = None) -> tuple[int, str]:
        """A page's status and text, asked for as a browser that was logged in does."""
        cookie = {"Cookie": f"_token={self.token if token is None else token}"}
        try:
            with urllib.request.urlopen(
                urllib.request.Request(self.address + path, headers=cookie), timeout=60
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""

    def switch_on(self, dag: str) -> None:
        self._ask("PATCH", f"/api/v2/dags/{dag}", {"is_paused": False})

    def trigger(self, dag: str, **conf: str) -> str:
        """Start a run by hand; its id."""
        return self._ask("POST", f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None, "conf": conf})[
            "dag_run_id"
        ]

    def runs(self, dag: str) -> list[dict[str, Any]]:
        return self.get(f"dags/{dag}/dagRuns?order_by=run_after&limit=50")["dag_runs"]

    def tasks(self, dag: str, run: str) -> dict[str, dict[str, Any]]:
        found = self.get(f"dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]
        return {task["task_id"]: task for task in found}

    def ended(
        self, dag: str, which: Callable[[dict[str, Any]], bool] = lambda run: True, seconds: float = _PATIENCE
    ) -> dict[str, Any]:
        """The first such run of the DAG, once it has ended."""

        def found() -> dict[str, Any] | None:
            return next((run for run in self.runs(dag) if which(run) and run["state"] in _DONE), None)

        return self.until(found, f"end a run of {dag}", seconds)

    def until(self, condition: Callable[[], Any], what: str, seconds: float = _PATIENCE) -> Any:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if value := condition():
                return value
            time.sleep(0.3)
        raise AssertionError(f"Airflow did not {what}: {self.logs()}")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Airflow's own command line."""
        port = {"AIRFLOW__API__BASE_URL": self.address, "AIRFLOW__API__PORT": str(self.port)}
        return subprocess.run(
            [self._python, "-W", "ignore", "-m", "airflow", *arguments],
            env={**self._given, **port},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def logs(self) -> str:
        """The end of every task's and component's log."""
        ends = [
            f"\n--- {path.name}\n{path.read_text()[-1500:]}" for path in self.files() if path.suffix == ".log"
        ]
        return "".join(ends)[-20_000:]

    def files(self) -> list[Path]:
        """All that Airflow has written, its database included."""
        return [path for path in sorted(self.home.rglob("*")) if path.is_file()]

    def _ask(self, method: str, path: str, content: Any = None) -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        try:
            return json.load(urllib.request.urlopen(request, timeout=30))
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()[:500]}") from error
