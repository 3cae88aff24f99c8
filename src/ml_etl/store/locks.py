"""One run at a time per dataset; the operating system frees the lock of a killed one."""

import contextlib
import datetime as dt
import json
import os
import socket
from collections.abc import Iterator

from filelock import FileLock, Timeout

from ml_etl.errors import Locked
from ml_etl.store.versions import DatasetFolder, writing


@contextlib.contextmanager
def hold(folder: DatasetFolder, run_id: str) -> Iterator[None]:
    """Hold the dataset for this run.

    Raises:
        Locked: another run holds it; the message says which.
    """
    with writing(f"{folder.dataset} (lock)"):
        folder.path.mkdir(parents=True, exist_ok=True)
        lock, holder = FileLock(folder.path / ".lock"), folder.path / ".holder.json"
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise Locked(_held(folder, holder)) from None
    try:
        with contextlib.suppress(OSError):
            holder.write_text(json.dumps(_me(run_id)), "utf-8")
        folder.held = True
        yield
    finally:
        folder.held = False
        with contextlib.suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _me(run_id: str) -> dict[str, str]:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return {"run": run_id, "process": str(os.getpid()), "host": socket.gethostname(), "since": now}


def _held(folder: DatasetFolder, holder: os.PathLike) -> str:
    try:
        who = json.loads(open(holder, encoding="utf-8").read())  # noqa: SIM115, PTH123
        by = f"run {who['run']} (process {who['process']} on {who['host']}, since {who['since']})"
    except (OSError, ValueError):
        by = "another run"
    return f"{folder.dataset} is held by {by}. Wait for it to end, then run again."
