"""Breaking a run at a named step, from within its process: nothing in the project knows of it."""

import functools
import os
import resource
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Break:
    """At the `nth` time the run comes to `at`, do `act`: before, during or after that step.

    at: write (an artefact's bytes), sync (any fsync), rename (an artefact's replace), land (a landed file's),
    commit (the staged folder's rename), pointer (the replace of CURRENT), registry (a row of etl_runs), or
    start. act: kill, stop (SIGSTOP), limit (no file grows beyond `amount` bytes), shrink (the file system at
    `path` gets no free page). `name`: only artefacts whose file name has it are counted as written.
    """

    at: str
    nth: int = 1
    when: str = "before"
    act: str = "kill"
    amount: int = 0
    path: str = ""
    name: str = ""


def install(broken: Break) -> None:
    """Arm this process; call it where everything is imported and nothing has started."""
    if broken.at == "start":
        _act(broken)
        return
    if broken.when == "during":
        _DURING[broken.at](broken)
        return
    module, name, matches = _steps(broken.name)[broken.at]
    _patch(module, name, matches, broken)


def _steps(artefact: str) -> dict[str, tuple[ModuleType, str, Callable[..., bool]]]:
    """Per step the function that does it, and which of its calls count."""
    from ml_etl.registry import table
    from ml_etl.store import formats

    return {
        "write": (formats, "write", lambda _, path, *__: artefact in path.name),
        "sync": (os, "fsync", lambda *_: True),
        "rename": (os, "replace", lambda _, to: Path(to).parent.parent.name == ".staged" and _artefact(to)),
        "land": (os, "replace", lambda _, to: "landing" in Path(to).parts),
        "commit": (os, "rename", lambda source, _: Path(source).parent.name == ".staged"),
        "pointer": (os, "replace", lambda _, to: Path(to).name == "CURRENT"),
        "registry": (table, "write", lambda *_: True),
    }


def _artefact(path: Any) -> bool:
    return not Path(path).parent.name.endswith(".records") and Path(path).name != "manifest.json"


def _patch(module: ModuleType, name: str, matches: Callable[..., bool], broken: Break) -> None:
    original, count = getattr(module, name), 0

    @functools.wraps(original)
    def breaking(*arguments: Any) -> Any:
        nonlocal count
        count += (counts := matches(*arguments))
        now = counts and count == broken.nth
        if now and broken.when == "before":
            _act(broken)
        result = original(*arguments)
        if now and broken.when == "after":
            _act(broken)
        return result

    setattr(module, name, breaking)


def _tear(broken: Break) -> None:
    """Leave half of an artefact's bytes, as a kill in the middle of writing does."""
    from ml_etl.store import formats

    original, count = formats.write, 0

    def torn(data: Any, path: Path, *arguments: Any) -> None:
        nonlocal count
        count += 1
        original(data, path, *arguments)
        if count == broken.nth:
            os.truncate(path, path.stat().st_size // 2)
            _act(broken)

    formats.write = torn


def _within_transaction(broken: Break) -> None:
    """Break after the row is sent and before its transaction is committed."""
    import sqlalchemy as sa

    from ml_etl.registry import table

    original, count = table.write, 0

    def write(*arguments: Any) -> None:
        nonlocal count
        count += 1
        if count == broken.nth:
            sa.event.listen(sa.Engine, "commit", lambda _: _act(broken))
        original(*arguments)

    table.write = write


_DURING: dict[str, Callable[[Break], None]] = {"write": _tear, "registry": _within_transaction}


def _act(broken: Break) -> None:
    if broken.act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif broken.act == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif broken.act == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (broken.amount, resource.RLIM_INFINITY))
    elif broken.act == "shrink":
        resize(Path(broken.path))


def resize(mount: Path, size: int | None = None) -> None:
    """Give a mounted tmpfs this size, by default just what it holds."""
    facts = os.statvfs(mount)
    size = size or (facts.f_blocks - facts.f_bfree) * facts.f_frsize
    subprocess.run(["mount", "-o", f"remount,size={size}", str(mount)], check=True, capture_output=True)
