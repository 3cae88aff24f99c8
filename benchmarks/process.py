"""A process of its own per measurement: wall seconds and peak memory, seen from outside."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
_OURS = ("ML_ETL_RUN_ID", "ML_ETL_AS_OF", "ML_ETL_REGISTRY_URL", "KEDRO_ENV")


@dataclass(frozen=True)
class Finished:
    """What a process took: wall seconds, peak resident bytes, standard output."""

    seconds: float
    peak_bytes: int
    output: str


def measured(command: Sequence[str], log: Path, settings: Mapping[str, str] | None = None) -> Finished:
    """Run `python command...` in the project and wait for it; `settings` go into its environment.

    Linux counts the memory of the parent at the fork as the child's. So this process, which starts the
    others, must stay small: whatever holds tables runs as a child.

    Raises:
        SystemExit: the process failed; the message ends with the last lines of its output.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    with log.open("w+") as stream:
        began = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, *command],
            cwd=PROJECT,
            env=environment | dict(settings or {}),
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
    output = log.read_text("utf-8", errors="replace")
    if child.returncode:
        tail = "\n".join(output.splitlines()[-20:])
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}:\n{tail}")
    return Finished(seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), output)
