"""What a data scientist reads: `released("interactions")`."""

import datetime as dt
from pathlib import Path
from typing import Any

from ml_etl import config
from ml_etl.errors import UsageError
from ml_etl.layout import Layout
from ml_etl.store.manifest import Entry, Manifest
from ml_etl.store.versions import DatasetFolder, datasets


class ReleasedDataset:
    """One version of a dataset: its as-of, and its artefacts as paths or lazy tables."""

    def __init__(self, manifest: Manifest, folder: Path, settings: dict[str, Any], layout: Layout):
        self.manifest = manifest
        self._folder = folder
        self._settings = settings
        self._layout = layout

    @property
    def version(self) -> str:
        return self.manifest.version

    @property
    def as_of(self) -> dt.datetime:
        """The exclusive upper bound of what was known, UTC."""
        return dt.datetime.fromisoformat(self.manifest.as_of)

    @property
    def artefacts(self) -> list[str]:
        return [name for name, entry in self.manifest.artefacts.items() if not entry.absent]

    def path(self, name: str | None = None) -> Path:
        """The artefact's file, or folder of Parquet files; by default the dataset's main table.

        Raises:
            UsageError: its files are of several versions; see `paths`.
        """
        entry = self._entry(name)
        if len({file.path.split("/")[0] for file in entry.files}) > 1:
            raise UsageError(
                f"{self.manifest.dataset} {self.version}: the files of {entry.name} lie in the folders "
                f"of several versions. Use paths({entry.name!r}), or read({entry.name!r})."
            )
        return self._folder / entry.path

    def paths(self, name: str | None = None) -> list[Path]:
        """The artefact's files, those of earlier versions that it shares included."""
        return [self._folder / file.path for file in self._entry(name).files]

    def read(self, name: str | None = None) -> Any:
        """The artefact: a lazy Ibis table, a SciPy matrix, NumPy arrays, an index, or a JSON value."""
        from ml_etl.engine import engine_of
        from ml_etl.store import formats

        entry, engine = self._entry(name), engine_of(self._settings["engine"], self._layout)
        if entry.format == "parquet":
            return engine.read_parquet(*self.paths(name))
        return formats.read(self.path(name), entry.format, engine)

    def _entry(self, name: str | None) -> Entry:
        wanted = name or self.manifest.dataset
        entry = self.manifest.artefacts.get(wanted)
        if entry is None:
            have = ", ".join(self.artefacts)
            raise UsageError(
                f"{self.manifest.dataset} {self.version} has no artefact {wanted}; it has: {have}."
            )
        if entry.absent:
            raise UsageError(f"{self.manifest.dataset} {self.version}: {wanted} is absent: {entry.absent}.")
        return entry

    def __repr__(self) -> str:
        have = ", ".join(self.artefacts)
        return f"<{self.manifest.dataset} {self.version}, as of {self.manifest.as_of}: {have}>"


def released(
    name: str,
    version: str | None = None,
    as_of: str | dt.date | dt.datetime | None = None,
    env: str | None = None,
) -> ReleasedDataset:
    """The release of a dataset: the current one, a version, or the newest with as-of ≤ `as_of`.

    A day as `as_of` means midnight of the shop that starts it, as in a run's parameter. `env` names the
    configuration (hm, files, …) whose shop is meant.

    Raises:
        UsageError: there is no such dataset or version.
    """
    settings, layout = config.settings(env), config.layout(env)
    folder = DatasetFolder(layout.releases, name)
    manifest = _manifest(folder, version, as_of)
    return ReleasedDataset(manifest, folder.path, settings, layout)


def _manifest(folder: DatasetFolder, version: str | None, as_of: Any) -> Manifest:
    current = folder.current()
    if current is None and not folder.versions():
        have = ", ".join(f.dataset for f in datasets(folder.releases)) or "none yet"
        raise UsageError(
            f"{folder.dataset} is not released; released: {have}. `kedro run --pipelines {folder.dataset}`."
        )
    if version is not None:
        return folder.manifest(version)
    if as_of is None:
        if current is None:
            raise UsageError(
                f"{folder.dataset} has no CURRENT. `kedro releases promote {folder.dataset} --version V`."
            )
        return folder.manifest(current.version)
    return _known(folder, as_of)


def _known(folder: DatasetFolder, as_of: Any) -> Manifest:
    """The newest release by then. A day is compared by the shop's day: the release's own as-of day."""
    if isinstance(as_of, str) and len(as_of) == len("2017-10-01"):
        as_of = dt.date.fromisoformat(as_of)
    if isinstance(as_of, dt.date) and not isinstance(as_of, dt.datetime):
        # Midnights of all time zones lie within 14 hours before and 12 after UTC's.
        until = dt.datetime.combine(as_of, dt.time(12), dt.UTC)
    else:
        moment = dt.datetime.fromisoformat(as_of) if isinstance(as_of, str) else as_of
        until = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    found = folder.newest(until=until.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    if found is None:
        oldest = folder.manifests()[0].as_of
        raise UsageError(f"{folder.dataset} has no release as of {as_of}; the oldest is of {oldest}.")
    return found
