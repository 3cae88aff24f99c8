"""The operator that calls the project's command line, in the project's own environment."""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException

PROJECT = Path(os.environ.get("ML_ETL_PROJECT") or Path(__file__).resolve().parents[3])
KINDS = {
    2: "usage",
    3: "contract",
    4: "locked by another run",
    5: "source unreachable",
    6: "can't write",
    7: "stale",
    8: "damaged",
}
"""The project's exit codes."""

FINAL = {2, 3, 8}
"""What is the same however often it is tried."""

SOURCE = "postgres_default"
"""The connection that names the shop's database, where the environment does not."""

_AIRFLOWS = ("AIRFLOW__", "AIRFLOW_CONN_", "AIRFLOW_VAR_", "_AIRFLOW")
_GRACE_SECONDS = 3
"""Until what was asked to end is killed. A task stopped by hand is killed itself after five seconds."""

_LAST_LINES = 12


class ProjectCommand(BaseOperator):
    """Runs `kedro ARGUMENTS...`; what no retry can mend fails at once, the rest is tried again.

    Credentials reach the command by its environment only: arguments are shown in Airflow's pages.
    """

    template_fields = ("arguments",)
    ui_color = "#e8f1e4"

    def __init__(self, *, arguments: Sequence[str], **options: Any):
        super().__init__(**options)
        self.arguments = list(arguments)
        self._process: subprocess.Popen[str] | None = None

    def execute(self, context: Any) -> None:
        self.call(context)

    def call(self, context: Any) -> list[str]:
        """Run the command, its output into the task's log; its last lines.

        Raises:
            AirflowFailException: it ended with a code that is final.
            AirflowException: it ended with another one, or was killed.
        """
        command = [kedro(), *self.arguments]
        self.log.info("$ kedro %s", " ".join(self.arguments))
        self._process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment(context),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        lines: list[str] = []
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.log.info(line.rstrip())
            lines = [*lines[1 - _LAST_LINES :], line.rstrip()]
        if code := self._process.wait():
            raise failure(code, lines)
        return lines

    def on_kill(self) -> None:
        """End the command and what it started: at a time-out, or when the task is stopped by hand."""
        if self._process is None:
            return
        group = self._process.pid
        for how in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(group, how)
            if _ends(group, _GRACE_SECONDS):
                return
            self.log.warning("Some of the command lives on after %s.", how.name)


def _ends(group: int, seconds: float) -> bool:
    """Whether no process of the group is left, at the latest after some seconds."""
    deadline = time.monotonic() + seconds
    while any(map(partial(_lives_in, group), psutil.process_iter())):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _lives_in(group: int, process: psutil.Process) -> bool:
    """Whether a process belongs to the group and runs; one that only waits to be collected has ended."""
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def kedro() -> str:
    """The project's command; ML_ETL_KEDRO names another than that of its .venv."""
    return os.environ.get("ML_ETL_KEDRO") or str(PROJECT / ".venv" / "bin" / "kedro")


def environment(context: Any) -> dict[str, str]:
    """Ours, without Airflow's settings and connections (they hold passwords); the source's URL."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(_AIRFLOWS)}
    given["AIRFLOW_CTX_DAG_RUN_ID"] = context["dag_run"].run_id
    given["COLUMNS"] = "160"
    if not given.get("ML_ETL_SOURCE_URL") and (url := _source_url()):
        given["ML_ETL_SOURCE_URL"] = url
    return given


def _source_url() -> str | None:
    """The URL of Airflow's connection to the shop, if there is one."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        url = BaseHook.get_connection(SOURCE).get_uri()
    except AirflowNotFoundException:
        return None
    except Exception:  # whatever a secrets backend raises may hold a secret
        logging.getLogger(__name__).warning("Connection %s can't be read; the task goes on without.", SOURCE)
        return None
    return "postgresql://" + url.split("://", 1)[1]


def failure(code: int, lines: Sequence[str]) -> AirflowException:
    """The exception by which Airflow tries again, or does not."""
    kind = KINDS.get(code, f"killed by signal {-code}" if code < 0 else f"exit code {code}")
    said = next((line for line in lines if line.startswith("Error")), lines[-1] if lines else "")
    message = f"{kind}: {said}".strip(": ")
    return AirflowFailException(message) if code in FINAL else AirflowException(message)
