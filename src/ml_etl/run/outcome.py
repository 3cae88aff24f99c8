"""What a finished run did, read back from its plans and releases."""

from dataclasses import dataclass
from pathlib import Path

from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline

from ml_etl.plan import Plan
from ml_etl.store.artefact import Artefact
from ml_etl.store.manifest import Manifest
from ml_etl.store.release import Release
from ml_etl.store.versions import DatasetFolder


@dataclass(frozen=True)
class Outcome:
    """A dataset's plan and the release that fulfils it (none where the run built only a part)."""

    plan: Plan
    manifest: Manifest | None
    folder: Path | None = None


def outcomes(pipeline: Pipeline, catalog: CatalogProtocol) -> list[Outcome]:
    """One per dataset this run planned, by name."""
    names = [f"{folder.dataset}.plan" for folder in written(pipeline, catalog)]
    return [_outcome(catalog.load(name), catalog) for name in names if name in catalog]


def written(pipeline: Pipeline, catalog: CatalogProtocol) -> list[DatasetFolder]:
    """The folders of the datasets this pipeline writes to, by name."""
    found = {}
    for name in pipeline.all_outputs():
        target = catalog.get(name)
        if isinstance(target, Artefact | Release):
            found[target.dataset] = target.folder
    return [found[name] for name in sorted(found)]


def _outcome(plan: Plan, catalog: CatalogProtocol) -> Outcome:
    release = catalog.get(f"{plan.dataset}.release")
    if not isinstance(release, Release) or not release.folder.exists(plan.version):
        return Outcome(plan, None)
    return Outcome(plan, release.folder.manifest(plan.version), release.folder.version(plan.version))
