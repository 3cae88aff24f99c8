"""One artefact of a dataset in Kedro's catalog."""

import json
import logging
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any, NewType

from kedro.io import AbstractDataset
from kedro.io.core import Version

from ml_etl.absent import Absent
from ml_etl.engine import engine_of, faults
from ml_etl.errors import UsageError
from ml_etl.files import sha256, whole, write_json
from ml_etl.layout import Layout
from ml_etl.store import formats
from ml_etl.store.manifest import Entry, File
from ml_etl.store.versions import DatasetFolder

TablePreview = NewType("TablePreview", dict)
"""kedro-viz draws by the name of a preview's return type; this one is a table."""


_LONGEST_CELL = 1000
"""Characters of a value that a preview shows: a vocabulary is megabytes."""


class Artefact(AbstractDataset[Any, Any]):
    """An artefact: saved into the run's staged folder, loaded from there, else from a release.

    Inside a run every load is pinned to the run's id. Outside of one (kedro-viz, notebooks) it gives the
    release that CURRENT names. Tables are sorted by `sort_by`, a unique key; columns `unwritten` are for that
    alone. A list of lazy tables, in the
    order of the key, is one table whose parts are computed one after the other: a folder of files, or one
    file if there is one part. What is Absent, or a table of more rows than `max_rows`, is left out, and the
    manifest says why.
    """

    versioned = True

    def __init__(
        self,
        dataset: str,
        name: str,
        format: str,
        layout: dict[str, str],
        engine: dict[str, Any],
        version: Version,
        sort_by: list[str] | None = None,
        unwritten: list[str] | None = None,
        max_rows: int | None = None,
        metadata: dict | None = None,
    ):
        self.dataset = dataset
        self.name = name
        self._format = format
        self._layout = Layout.of(**layout)
        self._engine = engine
        self._version = version
        self._sort_by = sort_by or []
        self._unwritten = unwritten or []
        self._max_rows = max_rows
        self.metadata = metadata

    @property
    def folder(self) -> DatasetFolder:
        return DatasetFolder(self._layout.releases, self.dataset)

    @property
    def _file(self) -> str:
        return self.name + formats.SUFFIX[self._format]

    @property
    def _staged(self) -> Path:
        return self.folder.staged(str(self._version.save))

    @property
    def _records(self) -> Path:
        return self.folder.records(str(self._version.save))

    def save(self, data: Any) -> None:
        engine = engine_of(self._engine, self._layout)
        with faults(f"{self.dataset} ({self.name})", writes=True):
            rows = engine.rows(data) if self._max_rows else 0
            self._clear()
            if isinstance(data, Absent):
                self._leave_out(data.reason)
                return
            if self._max_rows and rows > self._max_rows:
                reason = f"{rows:,} rows, more than the {self._max_rows:,} of max_rows"
                logging.getLogger(__name__).warning("%s: %s left out: %s.", self.dataset, self.name, reason)
                self._leave_out(reason)
                return
            parts = data if isinstance(data, list) else [data]
            names = formats.part_names(self.name, self._format, len(parts))
            for name, part in zip(names, parts, strict=True):
                with whole(self._staged / name) as beside:
                    formats.write(part, beside, self._format, engine, self._sort_by, self._unwritten)
            self._record(names, rows)

    def _clear(self) -> None:
        """Take away what an earlier attempt at this run left: it may have had other parts."""
        (self._staged / self._file).unlink(missing_ok=True)
        shutil.rmtree(self._staged / self.name, ignore_errors=True)

    def load(self) -> Any:
        """The artefact; Absent where this run left it out."""
        if left_out := self._left_out():
            return left_out
        engine = engine_of(self._engine, self._layout)
        return formats.read(self._path(), self._format, engine)

    def of_version(self, version: str) -> Any:
        """The artefact as a committed version has it; Absent where that version left it out."""
        entry = self.folder.manifest(version).artefacts.get(self.name)
        if entry is None or entry.absent:
            return Absent(entry.absent if entry else f"{self.dataset} {version} has no {self.name}")
        engine = engine_of(self._engine, self._layout)
        return formats.read(self.folder.path / entry.path, self._format, engine)

    def _committed(self) -> str:
        """The version asked for, this run's own, or CURRENT."""
        asked, current = self._version.load or str(self._version.save), self.folder.current()
        if self._version.load or self.folder.exists(asked):
            return asked
        if self._staged.is_dir() or current is None:
            raise UsageError(
                f"{self.dataset}: {self.name} is not built yet. Run the pipeline from its start: "
                f"`kedro run --pipelines {self.dataset}`."
            )
        return current.version

    def _left_out(self) -> Absent | None:
        record = self._records / f"{self.name}.json"
        reason = json.loads(record.read_text("utf-8"))["absent"] if record.exists() else ""
        return Absent(reason) if reason else None

    def _record(self, names: list[str], counted: int) -> None:
        """Keep beside the staged files what the manifest will say of them."""
        files: list[File] = []
        schema: dict[str, str] = {}
        for name in names:
            path = self._staged / name
            rows, schema = formats.facts(path, self._format)
            rows = counted or None if rows is None else rows
            files.append(File(name, path.stat().st_size, sha256(path), rows))
        entry = Entry.of_files(self.name, self._format, files, schema)
        write_json(self._records / f"{self.name}.json", asdict(entry))

    def _leave_out(self, reason: str) -> None:
        entry = Entry(self.name, self._format, self._file, None, 0, "", absent=reason)
        write_json(self._records / f"{self.name}.json", asdict(entry))

    def _path(self) -> Path:
        """Where to load from: the asked version, this run's staged folder, or CURRENT."""
        folder, run_id = self.folder, str(self._version.save)
        if self._version.load:
            return self._released(self._version.load)
        if self._staged.is_dir():
            for name in (self._file, self.name):
                if (self._staged / name).exists():
                    return self._staged / name
            raise UsageError(
                f"{self.dataset}: run {run_id} has not built {self.name} yet, and artefacts of other "
                f"runs are not mixed in. Run the pipeline from its start."
            )
        if folder.exists(run_id):
            return self._released(run_id)
        current = folder.current()
        if current is None:
            raise UsageError(f"{self.dataset} is not released yet. `kedro run --pipelines {self.dataset}`.")
        return self._released(current.version)

    def _released(self, version: str) -> Path:
        entry = self.folder.manifest(version).artefacts.get(self.name)
        if entry is None or entry.absent:
            raise UsageError(f"{self.dataset} {version} has no {self.name}. {entry.absent if entry else ''}")
        return self.folder.path / entry.path

    def _exists(self) -> bool:
        try:
            return self._path().exists()
        except UsageError:
            return False

    def _describe(self) -> dict[str, Any]:
        return {"dataset": self.dataset, "artefact": self.name, "format": self._format}

    def preview(self, nrows: int = 20) -> TablePreview:
        """What kedro-viz shows of the release: a table's first rows, else names and values."""
        if not self._exists():
            return TablePreview({})
        data = self.load()
        if self._format in formats.TABLES:
            rows = engine_of(self._engine, self._layout).collect(data.limit(nrows)).to_pylist()
        elif self._format == "json":
            rows = [{"name": name, "value": value} for name, value in data.items()]
        else:
            rows, schema = formats.facts(self._path(), self._format)
            rows = [{"rows": rows, **schema}]
        return TablePreview(
            {
                "columns": list(rows[0]) if rows else [],
                "data": [[_shown(value) for value in row.values()] for row in rows],
                "index": list(range(len(rows))),
            }
        )


def _shown(value: Any) -> Any:
    """A value as JSON carries it, and no longer than a cell can be."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if len(text) <= _LONGEST_CELL else text[:_LONGEST_CELL] + " …"
