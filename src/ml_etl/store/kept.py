"""What a run keeps from one of its processes to the next, and no release holds: a JSON value."""

import json
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset
from kedro.io.core import Version

from ml_etl.errors import UsageError
from ml_etl.files import write_json
from ml_etl.layout import Layout
from ml_etl.store.versions import DatasetFolder, writing


class Kept(AbstractDataset[Any, Any]):
    """A JSON value beside the run's staged artefacts; it goes when they are committed or swept."""

    versioned = True

    def __init__(
        self, dataset: str, name: str, layout: dict[str, str], version: Version, metadata: dict | None = None
    ):
        self.dataset = dataset
        self.name = name
        self._layout = Layout.of(**layout)
        self._version = version
        self.metadata = metadata

    @property
    def _path(self) -> Path:
        folder = DatasetFolder(self._layout.releases, self.dataset)
        return folder.records(str(self._version.save)) / "kept" / f"{self.name}.json"

    def save(self, data: Any) -> None:
        with writing(f"{self.dataset} ({self.name})"):
            write_json(self._path, data)

    def load(self) -> Any:
        if not self._path.exists():
            raise UsageError(f"{self.dataset}: this run has no {self.name} yet. Run it from its start.")
        return json.loads(self._path.read_text("utf-8"))

    def _exists(self) -> bool:
        return self._path.exists()

    def _describe(self) -> dict[str, Any]:
        return {"dataset": self.dataset, "kept": self.name}
