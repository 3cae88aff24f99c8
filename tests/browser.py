"""A real browser for pages on loopback, and what their servers need."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_ONE_PROCESS = ("--disable-features=IsolateSandboxedIframes", "--disable-site-isolation-trials")
"""Frames keep the page's virtual time, so that what they draw is there when it ends."""


def opened(address: str, folder: Path, *how: str) -> str:
    """Open a page and let twenty seconds pass in it; `how` is --dump-dom or --screenshot=FILE."""
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", *_QUIET, *_ONE_PROCESS]
    command += ["--window-size=1600,1000", f"--user-data-dir={folder / 'profile'}"]
    command += ["--virtual-time-budget=20000", *how, address]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, check=True).stdout


def free_port() -> int:
    """A port nobody listens on, below 49152: kedro-viz wants that, so the system can't choose one."""
    return next(port for port in range(20_000 + os.getpid() % 9_000, 30_000) if _free(port))


def _free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def ended(server: subprocess.Popen) -> None:
    """End a server that was started with a session of its own, and what it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
    server.wait(20)
