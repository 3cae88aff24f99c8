"""The release in Kedro's catalog: saving it commits the run's artefacts, whole or not at all."""

import datetime as dt
import json
import logging
import shutil
from typing import Any

from kedro.io import AbstractDataset
from kedro.io.core import Version

from ml_etl.errors import Damaged, StoreError, UsageError
from ml_etl.layout import Layout
from ml_etl.plan import Plan, ReleaseRequest
from ml_etl.store import care, carried
from ml_etl.store.manifest import Entry, Manifest
from ml_etl.store.versions import DatasetFolder


class Release(AbstractDataset[ReleaseRequest, Manifest]):
    """Commits the staged artefacts as an immutable version, then moves CURRENT forward.

    With `retention` ({keep_last, keep_days}) it then removes the versions that retention lets go.
    """

    versioned = True

    def __init__(
        self,
        dataset: str,
        layout: dict[str, str],
        version: Version,
        retention: dict[str, Any] | None = None,
        metadata: dict | None = None,
    ):
        self.dataset = dataset
        self._layout = Layout.of(**layout)
        self._version = version
        self._retention = retention
        self.metadata = metadata

    @property
    def folder(self) -> DatasetFolder:
        return DatasetFolder(self._layout.releases, self.dataset)

    def save(self, data: ReleaseRequest) -> None:
        plan, folder = data.plan, self.folder
        entries = {name: self._entry(name, plan) for name in data.artefacts}
        manifest = Manifest(
            dataset=self.dataset,
            version=plan.version,
            run_id=plan.run_id,
            as_of=plan.as_of.moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            released_at=dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"),
            fingerprint=plan.fingerprint,
            inputs=plan.inputs,
            parameters=plan.parameters,
            checks=data.checks,
            artefacts=entries,
        )
        folder.commit(plan.run_id, manifest)
        shutil.rmtree(folder.records(plan.run_id), ignore_errors=True)
        if not folder.advance(manifest):
            logging.getLogger(__name__).warning(
                "%s: as of %s is before the current release's; CURRENT stays. "
                "released(%r, as_of=...) finds it.",
                self.dataset,
                plan.as_of.label,
                self.dataset,
            )
        self._prune()

    def _prune(self) -> None:
        """The run's lock is held; a disk that refuses, or damage elsewhere, costs the release nothing."""
        if self._retention is None:
            return
        try:
            care.prune(
                self.folder, care.prunable(self.folder, **self._retention, now=dt.datetime.now(dt.UTC))
            )
        except (StoreError, Damaged) as error:
            logging.getLogger(__name__).warning("%s: old versions stay: %s", self.dataset, error.message)

    def load(self) -> Manifest:
        folder = self.folder
        asked = self._version.load or str(self._version.save)
        if folder.exists(asked):
            return folder.manifest(asked)
        current = folder.current()
        if current is None:
            raise UsageError(f"{self.dataset} is not released yet. `kedro run --pipelines {self.dataset}`.")
        return folder.manifest(current.version)

    def _entry(self, name: str, plan: Plan) -> Entry:
        """The staged artefact's record, its paths now relative to the dataset's folder."""
        path = self.folder.records(plan.run_id) / f"{name}.json"
        if not path.exists():
            raise UsageError(f"{self.dataset}: run {plan.run_id} has not built {name}; nothing is released.")
        return carried.recorded(json.loads(path.read_text("utf-8")), plan.version)

    def _exists(self) -> bool:
        return self.folder.current() is not None

    def _describe(self) -> dict[str, Any]:
        return {"dataset": self.dataset, "folder": str(self.folder.path)}
