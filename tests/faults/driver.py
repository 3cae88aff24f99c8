"""A process that has imported everything and forks one child per `kedro` command it is asked for.

A run of a small shop is mostly imports; forked, it is a real process with a real command line, which can be
killed like any other, and starts at once. Lines of JSON come in and go out; see `Runs` for the other side.
Nothing here may open a DuckDB connection before the fork: its threads would be missing in the child.
"""

import gc
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.faults import breaks, reader, rights

PROJECT = Path(__file__).resolve().parents[2]


_IMPORTED = (
    "fsspec.implementations.local",
    "ibis.backends.duckdb",
    "ibis.formats.pandas",
    "kedro_datasets",
    "ml_etl.pipeline_registry",
    "ml_etl.registry.table",
    "ml_etl.run.runner",
    "ml_etl.run.tables",
    "ml_etl.shop",
    "ml_etl.store.reader",
    "pathspec",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "scipy.sparse",
    "sqlalchemy.dialects.sqlite",
    "sqlite3",
)
"""What a run imports only as it goes."""


def _prepare() -> Any:
    """The command line, with all that a run imports."""
    import duckdb
    from kedro.framework.cli.cli import KedroCLI

    from ml_etl.run import fingerprint

    command_line = KedroCLI(PROJECT)
    for name in _IMPORTED:
        importlib.import_module(name)
    duckdb.default_connection().close()  # the import opened it
    fingerprint.code_of("interactions")  # of the code that is loaded, should a file change meanwhile
    return command_line


def _child(order: dict[str, Any], command_line: Any, output: int) -> None:
    """Become the asked process; what it prints goes to `output`."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(order["environment"])
    if order["bound"]:
        rights.give_up()
    if order["watch"]:
        print(json.dumps(reader.watch(Path(order["watch"]))))
        sys.exit(0)
    if order["broken"]:
        breaks.install(breaks.Break(**order["broken"]))
    sys.exit(command_line(order["arguments"], prog_name="kedro"))


def _state(pid: int, outputs: dict[int, int]) -> dict[str, Any]:
    """Whether a child runs, is stopped, or has ended, and how."""
    found, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
    if not found:
        return {"state": "running"}
    if os.WIFSTOPPED(status):
        return {"state": "stopped"}
    with os.fdopen(outputs.pop(pid), "rb") as stream:
        said = stream.read().decode("utf-8", "replace")
    if os.WIFSIGNALED(status):
        return {"state": "ended", "signal": os.WTERMSIG(status), "code": None, "output": said}
    return {"state": "ended", "signal": None, "code": os.WEXITSTATUS(status), "output": said}


def _serve() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)  # what imports print must not come between
    os.dup2(2, 1)
    gc.disable()  # in the children too: they are short
    command_line, outputs = _prepare(), {}
    gc.freeze()
    print(json.dumps({"ready": True}), file=answers)
    for line in sys.stdin:
        order = json.loads(line)
        if "poll" in order:
            print(json.dumps(_state(order["poll"], outputs)), file=answers)
            continue
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            answers.close()
            os.close(reading)
            _child(order, command_line, writing)
        os.close(writing)
        outputs[pid] = reading
        print(json.dumps({"pid": pid}), file=answers)


if __name__ == "__main__":
    _serve()
