"""What artefacts that add to an earlier version read: this run's files beside those that stay."""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ml_etl.absent import Absent
from ml_etl.store import carried
from ml_etl.store.artefact import Artefact
from ml_etl.store.manifest import File


class CarryingArtefact(Artefact):
    """An artefact whose files may be of several versions; what is made of them says the kind of it."""

    def load(self) -> Any:
        """The staged files beside those that stay; else those of a version."""
        if self._version.load or not self._record_file.exists():
            return self.of_version(self._committed())
        written, kept = carried.read_record(self._record_file)
        staged = [self._staged / file.path for file in written]
        return self._stored([*staged, *(self.folder.path / file.path for file in kept)])

    def of_version(self, version: str) -> Any:
        files = carried.files_of(self.folder, version, self.name)
        if not files:
            return Absent(f"{self.dataset} {version} has no {self.name}")
        return self._stored([self.folder.path / file.path for file in files])

    @property
    def _record_file(self) -> Path:
        return self._records / f"{self.name}.json"

    def _keep(self, written: list[File], kept: list[File], schema: dict[str, str]) -> None:
        carried.record(self._record_file, self.name, self._format, written, kept, schema)

    @abstractmethod
    def _stored(self, paths: Sequence[Path]) -> Any:
        """What readers get of these files."""
