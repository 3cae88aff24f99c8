"""Start Airflow on loopback: web and API, scheduler, DAG processor, triggerer. Ctrl-C ends all of them.

start_airflow.py [--port 8080]; runs in Airflow's environment (airflow/.venv), after init_airflow.py.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import home

COMPONENTS = {
    "api-server": ["--host", "127.0.0.1"],
    "scheduler": ["--skip-serve-logs"],  # the web reads the logs' files: nobody needs to serve them
    "dag-processor": [],
    "triggerer": ["--skip-serve-logs"],
}
_PATIENCE = 180
_GRACE_SECONDS = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=home.PORT)
    port = parser.parse_args().port
    folder = home.home()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    running: dict[str, subprocess.Popen] = {}
    try:
        for name, options in COMPONENTS.items():
            running[name] = start(name, options, folder, port)
        wait(f"http://127.0.0.1:{port}", running, folder)
        print(said(folder, port), flush=True)
        return watch(running, folder)
    except KeyboardInterrupt:
        return 0
    finally:
        end(running)


def start(name: str, options: list[str], folder: Path, port: int) -> subprocess.Popen:
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    log = (folder / "logs" / f"{name}.log").open("a")
    command = [sys.executable, "-m", "airflow", name, *options]
    return subprocess.Popen(
        command, env=environment(folder, port), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )


def environment(folder: Path, port: int) -> dict[str, str]:
    address = f"http://127.0.0.1:{port}"
    own = {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "PYTHONUNBUFFERED": "1",
    }
    return {**os.environ, **own}


def wait(address: str, running: dict[str, subprocess.Popen], folder: Path) -> None:
    """Until every component says that it is well."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if gone(running):
            break
        if healthy(address):
            return
        time.sleep(0.5)
    sys.exit(f"Airflow did not come up; look at {folder / 'logs'}/*.log.")


def healthy(address: str) -> bool:
    try:
        told = json.load(urllib.request.urlopen(f"{address}/api/v2/monitor/health", timeout=5))
    except (OSError, ValueError, urllib.error.URLError):
        return False
    return all(told[name]["status"] == "healthy" for name in ("metadatabase", "scheduler", "dag_processor"))


def gone(running: dict[str, subprocess.Popen]) -> list[str]:
    return [name for name, process in running.items() if process.poll() is not None]


def watch(running: dict[str, subprocess.Popen], folder: Path) -> int:
    """Until one of them ends, which none should."""
    while not (ended := gone(running)):
        time.sleep(1)
    print(f"{', '.join(ended)} ended; look at {folder / 'logs'}/{ended[0]}.log.", file=sys.stderr)
    return 1


def end(running: dict[str, subprocess.Popen]) -> None:
    """All of them, and what they started."""
    for process in running.values():
        signalled(process, signal.SIGTERM)
    until = time.monotonic() + _GRACE_SECONDS
    for process in running.values():
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            signalled(process, signal.SIGKILL)


def signalled(process: subprocess.Popen, how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, how)


def said(folder: Path, port: int) -> str:
    return f"""Airflow runs, on this machine only:
  web        http://127.0.0.1:{port}  (user {home.ADMIN}, password in {home.passwords(folder)})
  DAGs       {home.HERE / "dags"}; they are paused: switch on those that shall run
  logs       {folder / "logs"}
  commands   AIRFLOW_HOME={folder} {Path(sys.executable).parent / "airflow"} dags list
Ctrl-C ends it."""


if __name__ == "__main__":
    sys.exit(main())
