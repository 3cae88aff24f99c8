"""Starting, watching and killing `kedro` processes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT
from tests.faults.breaks import Break

_PATIENCE = 180
"""Seconds after which a process counts as hanging."""


@dataclass(frozen=True)
class Ended:
    """How a process ended: by a signal, or with an exit code; and all it said."""

    signal: int | None
    code: int | None
    output: str
    seconds: float

    @property
    def killed(self) -> bool:
        return self.signal == signal.SIGKILL


class Process:
    """A child of the driver."""

    def __init__(self, runs: "Runs", pid: int):
        self._runs, self.pid, self._began = runs, pid, time.monotonic()

    def send(self, what: signal.Signals) -> None:
        os.kill(self.pid, what)  # it is there until it is waited for

    def until_stopped(self) -> None:
        state = self._until("stopped", "ended")
        assert state["state"] == "stopped", state

    def wait(self) -> Ended:
        state = self._until("ended")
        return Ended(state["signal"], state["code"], state["output"], time.monotonic() - self._began)

    def _until(self, *states: str) -> dict[str, Any]:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            state = self._runs.ask({"poll": self.pid})
            if state["state"] in states:
                return state
            time.sleep(0.02)
        self.send(signal.SIGKILL)
        raise TimeoutError(f"process {self.pid} ran for more than {_PATIENCE} s")


class Runs:
    """The driver's other side; may be used from several threads."""

    def __init__(self) -> None:
        mine = {name: value for name, value in os.environ.items() if not name.startswith("ML_ETL_")}
        quiet = {"DO_NOT_TRACK": "1", "OPENBLAS_NUM_THREADS": "1", "ML_ETL_THREADS": "1"}
        self._driver = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.driver"],
            cwd=PROJECT,
            env={**mine, **quiet},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._lock = threading.Lock()
        assert json.loads(self._answer())["ready"]

    def close(self) -> None:
        assert self._driver.stdin
        self._driver.stdin.close()
        self._driver.wait(timeout=30)

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            assert self._driver.stdin
            print(json.dumps(order), file=self._driver.stdin, flush=True)
            return json.loads(self._answer())

    def _answer(self) -> str:
        assert self._driver.stdout
        line = self._driver.stdout.readline()
        assert line, "the driver has gone; its error is above"
        return line

    def start(
        self,
        data: Path,
        arguments: Sequence[str] = (),
        broken: Break | None = None,
        watch: Path | None = None,
        bound: bool = False,
        **environment: str,
    ) -> Process:
        """Start `kedro ARGUMENTS` on a data folder, or a reader that stops when the file `watch` exists.

        `bound`: permissions hold for it even if root starts it.
        """
        order = {
            "arguments": list(arguments),
            "environment": {"ML_ETL_DATA": str(data), **environment},
            "broken": asdict(broken) if broken else None,
            "watch": str(watch) if watch else None,
            "bound": bound,
        }
        return Process(self, self.ask(order)["pid"])
