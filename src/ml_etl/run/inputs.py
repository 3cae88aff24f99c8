"""A dataset's inputs beside the shop: its own earlier release, other datasets' releases, models.

Which one is meant stands in an input's name:

    previous.DATASET.ARTEFACT   of DATASET's newest release of an earlier as-of; Absent before the first
    released.DATASET.ARTEFACT   of another dataset's newest release with as-of ≤ the run's; it must exist
    compared.DATASET.ARTEFACT   the same, or Absent: recorded, but no reason to build anew
    optional.DATASET.ARTEFACT   the same, or Absent: as much a reason to build anew as one that must exist
    known.DATASET.ARTEFACT      of the dataset's oldest release with as-of ≥ the run's, else of its newest, or
                                Absent: for tables that tell when each row came in, to be cut at the as-of
    state.DATASET.ARTEFACT      of the release that this run adds to, or Absent where it starts anew

Each is resolved once, when the dataset is planned, recorded in the manifest, and pinned for the run.
"""

from typing import Any, NamedTuple

from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline

from ml_etl.absent import Absent
from ml_etl.errors import UsageError
from ml_etl.store.artefact import Artefact
from ml_etl.store.manifest import Manifest
from ml_etl.store.versions import DatasetFolder

PREVIOUS, RELEASED, COMPARED = "previous", "released", "compared"
OPTIONAL, KNOWN, STATE = "optional", "known", "state"
_OTHERS = (RELEASED, COMPARED, OPTIONAL, KNOWN)


class Reference(NamedTuple):
    """An input's name in its parts: which release, of which dataset, and which of its artefacts."""

    which: str
    dataset: str
    artefact: str

    @property
    def name(self) -> str:
        return ".".join(self)

    @property
    def entry(self) -> str:
        """The artefact's name in the catalog."""
        return f"{self.dataset}.{self.artefact}"


def references(pipeline: Pipeline, *which: str) -> list[Reference]:
    """The pipeline's inputs of these kinds, by name."""
    found = [Reference(*name.split(".", 2)) for name in sorted(pipeline.inputs()) if name.count(".") == 2]
    return [reference for reference in found if reference.which in which]


def releases(pipeline: Pipeline, folder: DatasetFolder, moment: str) -> dict[str, Manifest | None]:
    """Per other dataset it reads, the newest release with as-of ≤ `moment`, or the one that knows it all.

    Raises:
        UsageError: one that must exist does not.
    """
    found: dict[str, Manifest | None] = {}
    for reference in references(pipeline, *_OTHERS):
        other = DatasetFolder(folder.releases, reference.dataset)
        manifest = other.newest(until=moment)
        if reference.which == KNOWN:
            manifest = other.oldest(since=moment) or manifest
        if manifest is None and reference.which == RELEASED:
            raise UsageError(
                f"{folder.dataset} reads {other.dataset}, which has no release as of {moment} or before. "
                f"Run `kedro run --pipelines {other.dataset}` first."
            )
        found[reference.dataset] = manifest
    return found


def contents(
    pipeline: Pipeline, catalog: CatalogProtocol, found: dict[str, Manifest | None]
) -> dict[str, str]:
    """The hashes of the other datasets' artefacts it is built from: equal bytes are no news."""
    hashes = {}
    for reference in references(pipeline, RELEASED, OPTIONAL, KNOWN):
        manifest, artefact = found[reference.dataset], catalog.get(reference.entry)
        assert isinstance(artefact, Artefact)
        entry = manifest.artefacts.get(artefact.name) if manifest else None
        hashes[reference.entry] = entry.sha256 if entry else ""
    return hashes


def identities(pipeline: Pipeline, catalog: CatalogProtocol) -> dict[str, str]:
    """What models and folders of files say they are: catalog types that have an `identity`."""
    found = {name: getattr(catalog.get(name), "identity", None) for name in sorted(pipeline.inputs())}
    return {name: identity for name, identity in found.items() if identity}


def artefacts(
    pipeline: Pipeline,
    catalog: CatalogProtocol,
    previous: str | None,
    base: str | None,
    found: dict[str, str],
) -> dict[str, Any]:
    """What each of these inputs gives, by its name; `found` are the other datasets' versions."""
    given = {}
    own = {PREVIOUS: previous, STATE: base}
    for reference in references(pipeline, *own, *_OTHERS):
        version = own[reference.which] if reference.which in own else found.get(reference.dataset)
        artefact = catalog.get(reference.entry)
        assert isinstance(artefact, Artefact)
        missing = f"{reference.dataset} has no release to read"
        given[reference.name] = artefact.of_version(version) if version else Absent(missing)
    return given


def stages(pipeline: Pipeline, datasets: list[str]) -> list[list[str]]:
    """The datasets in the order in which they can be built: those that others read come first."""
    reads = {name: _reads(pipeline, name) & set(datasets) - {name} for name in datasets}
    ordered: list[list[str]] = []
    while left := [name for name in datasets if not any(name in stage for stage in ordered)]:
        ready = [name for name in left if not reads[name] & set(left)]
        assert ready, f"datasets read one another in a circle: {left}"
        ordered.append(ready)
    return ordered


def _reads(pipeline: Pipeline, dataset: str) -> set[str]:
    own = Pipeline([node for node in pipeline.nodes if dataset in node.tags])
    return {reference.dataset for reference in references(own, *_OTHERS)}
