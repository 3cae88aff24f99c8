"""One data folder on which runs are started, broken and started again."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_etl.layout import Layout
from ml_etl.store.care import damages
from ml_etl.store.manifest import Manifest
from ml_etl.store.versions import DatasetFolder
from tests.faults.runs import Ended, Process, Runs

DAYS = ("2024-05-01", "2024-05-04", "2024-05-07", "2024-05-10")
"""As-of days; each gives another release. The first is what is released before anything breaks."""

Hashes = dict[str, str]


def hashes(manifest: Manifest) -> Hashes:
    """sha256 per artefact."""
    return {name: entry.sha256 for name, entry in manifest.artefacts.items()}


@dataclass(frozen=True)
class Place:
    """A data folder and the shop it is filled from."""

    runs: Runs
    data: Path
    shop: Path

    @property
    def layout(self) -> Layout:
        return Layout.of(self.data, "files")

    @property
    def folder(self) -> DatasetFolder:
        return DatasetFolder(self.layout.releases, "interactions")

    def start(self, day: str, run_id: str, **options: Any) -> Process:
        params = f"shop_folder={self.shop},as_of={day}"
        arguments = ["run", "--env", "files", "--pipelines", "interactions", "--params", params]
        return self.runs.start(self.data, arguments, ML_ETL_RUN_ID=run_id, **options)

    def run(self, day: str, run_id: str, **options: Any) -> Ended:
        return self.start(day, run_id, **options).wait()

    @property
    def current(self) -> Manifest | None:
        """The release that CURRENT names."""
        current = self.folder.current()
        return self.folder.manifest(current.version) if current else None

    def damaged(self) -> list[str]:
        return [f"{damage.path}: {damage.what}" for damage in damages(self.folder)]

    def left_over(self) -> list[str]:
        """What is there besides versions, CURRENT and the lock: nothing, after a good run."""
        folder = self.folder
        known = {folder.path / name for name in (".staged", ".lock", "CURRENT")}
        for manifest in folder.manifests():
            version = folder.version(manifest.version)
            known |= {version, version / "manifest.json", *(folder.path / f.path for f in manifest.files)}
        found = [*folder.path.rglob("*"), *self.layout.spill.glob("*")]
        return sorted(str(path.relative_to(self.data)) for path in found if path not in known)

    def statuses(self) -> dict[str, str]:
        """run id → status in etl_runs."""
        with closing(sqlite3.connect(self.layout.registry)) as database:
            return dict(database.execute("select run_id, status from etl_runs"))
