"""A process of its own per measurement: wall seconds and peak memory, seen from outside."""

import contextlib
import os
import resource
import signal
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
    """What a process took: wall and CPU seconds, peak resident bytes (of it or of the largest process it
    started), bytes read from and written to disk or its cache; and its standard output."""

    seconds: float
    peak_bytes: int
    output: str
    cpu_seconds: float = 0.0
    read_bytes: int = 0
    written_bytes: int = 0


class OutOfMemory(SystemExit):
    """A process came to its memory limit."""


def measured(
    command: Sequence[str],
    log: Path,
    settings: Mapping[str, str] | None = None,
    limit: "MemoryLimit | None" = None,
) -> Finished:
    """Run `python command...` in the project and wait for it; `settings` go into its environment.

    Linux counts the memory of the parent at the fork as the child's. So this process, which starts the
    others, must stay small: whatever holds tables runs as a child.

    Raises:
        OutOfMemory: it failed for lack of memory.
        SystemExit: it failed otherwise; the message ends with the last lines of its output.
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
            preexec_fn=limit.enter if limit else None,
        )
        moved = _moved(child.pid)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
    output = log.read_text("utf-8", errors="replace")
    if child.returncode:
        tail = "\n".join(output.splitlines()[-20:])
        lacks_memory = child.returncode == -signal.SIGKILL or "MemoryError" in tail
        raise (OutOfMemory if limit and lacks_memory else SystemExit)(
            f"{' '.join(command)} ended with {child.returncode}:\n{tail}"
        )
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Finished(seconds, peak, output, usage.ru_utime + usage.ru_stime, *moved)


def _moved(pid: int) -> tuple[int, int]:
    """Wait for the process to end; what it read and wrote, as Linux counts it (elsewhere 0)."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError:
        return 0, 0
    counts = {name: int(value) for name, value in (line.split(": ") for line in lines)}
    return counts["rchar"], counts["wchar"]


class MemoryLimit:
    """A bound on a process's memory that the system enforces: a control group where one can be made, else
    the size of its data (which counts what is reserved, too)."""

    _GROUPS = Path("/sys/fs/cgroup/memory")

    def __init__(self, gigabytes: float):
        self.bytes = int(gigabytes * 1e9)
        self._group: Path | None = self._GROUPS / f"ml_etl_{os.getpid()}"
        try:
            self._group.mkdir(exist_ok=True)
            (self._group / "memory.limit_in_bytes").write_text(str(self.bytes))
        except OSError:
            self._group = None

    @property
    def kind(self) -> str:
        return "a control group" if self._group else "RLIMIT_DATA"

    def enter(self) -> None:
        """Called in the new process, before it becomes the program."""
        if self._group:
            (self._group / "cgroup.procs").write_text(str(os.getpid()))
        else:
            resource.setrlimit(resource.RLIMIT_DATA, (self.bytes, self.bytes))

    def close(self) -> None:
        """Remove the group; what its last helper process left of it may take a moment to go."""
        until = time.monotonic() + 5
        while self._group and self._group.is_dir() and time.monotonic() < until:
            with contextlib.suppress(OSError):
                self._group.rmdir()
            time.sleep(0.1)
