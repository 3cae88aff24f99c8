"""Looking after releases: are they whole, are they fresh, which may go."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from ml_etl.errors import Damaged
from ml_etl.files import sha256
from ml_etl.store.manifest import Manifest
from ml_etl.store.versions import Current, DatasetFolder, datasets, writing

_LONGEST_RUN = dt.timedelta(days=1)
"""So long a version stays that a run has chosen as its input."""


@dataclass(frozen=True)
class Damage:
    """A released file that is not what its manifest says, a manifest or a CURRENT that can't be read."""

    dataset: str
    version: str
    path: str
    what: str


@dataclass(frozen=True)
class Survey:
    """What can be read of a dataset: its versions by as-of, the pointer, and what of these is damaged."""

    manifests: list[Manifest]
    current: Current | None
    unreadable: list[Damage]


def survey(folder: DatasetFolder) -> Survey:
    """Read all of it, where the folder itself stops at the first damaged file."""
    unreadable: list[Damage] = []

    def tried(name: str, path: Path, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except Damaged as error:
            what = error.message.removeprefix(f"{path} ")
            unreadable.append(Damage(folder.dataset, name, str(path), what))
            return None

    versions = {name: folder.version(name) / "manifest.json" for name in folder.versions()}
    found = [tried(name, path, partial(folder.find, name)) for name, path in versions.items()]
    current = tried("CURRENT", folder.path / "CURRENT", folder.current)
    return Survey(sorted(filter(None, found), key=attrgetter("order")), current, unreadable)


def damages(folder: DatasetFolder) -> Iterable[Damage]:
    """Re-hash every file of every version; a file that several versions share is read once."""
    seen: dict[str, str] = {}
    told = survey(folder)
    yield from told.unreadable
    for manifest in told.manifests:
        for file in manifest.files:
            path = folder.path / file.path
            if file.path not in seen:
                seen[file.path] = sha256(path) if path.is_file() else "missing"
            if seen[file.path] != file.sha256:
                what = "missing" if seen[file.path] == "missing" else "bytes differ from the manifest"
                yield Damage(folder.dataset, manifest.version, str(path), what)


def stale(folder: DatasetFolder, schedule: dict[str, Any], now: dt.datetime) -> str | None:
    """Why the dataset is late, or None: no run found CURRENT up to date within its schedule and grace."""
    try:
        current = folder.current()
    except Damaged as error:
        return error.message
    if current is None:
        return "never released"
    hours = (now - dt.datetime.fromisoformat(current.checked_at)).total_seconds() / 3600
    allowed = schedule["every_hours"] + schedule["grace_hours"]
    return f"last run {hours:.1f} h ago, allowed {allowed} h" if hours > allowed else None


def retention_of(dataset: str, settings: dict[str, Any]) -> dict[str, Any]:
    """The numbers for a dataset: its own, else those for all."""
    return settings.get("retention_of", {}).get(dataset) or settings["retention"]


def prunable(folder: DatasetFolder, keep_last: int, keep_days: float, now: dt.datetime) -> list[Manifest]:
    """Versions that may go: neither new, nor young, nor cited by CURRENT, a pin, or another dataset.

    Nor chosen by a run within the last day: it cites the version when it ends.
    """
    manifests = sorted(folder.manifests(), key=lambda m: (m.released_at, m.version))
    current = folder.current()
    cited = _cited(folder) | ({current.version} if current else set())
    young = now - dt.timedelta(days=keep_days)
    old = [
        m
        for m in manifests[: -keep_last or None]
        if dt.datetime.fromisoformat(m.released_at) < young and m.version not in cited
    ]
    return [m for m in old if not _is_chosen(folder.chosen(m.version), now)]


def _is_chosen(note: Path, now: dt.datetime) -> bool:
    return note.exists() and note.stat().st_mtime > (now - _LONGEST_RUN).timestamp()


def _cited(folder: DatasetFolder) -> set[str]:
    """Versions that other datasets' releases were built from, or that a pin file names.

    `pins/<version>` is how anything outside the store (an experiment, a model) asks to keep a version.
    """
    pins = {path.name for path in (folder.path / "pins").glob("*")}
    inputs = {
        version
        for other in datasets(folder.releases)
        if other.dataset != folder.dataset  # a version compared with its predecessor does not need it
        for manifest in other.manifests()
        for name, version in manifest.inputs.get("releases", {}).items()
        if name == folder.dataset
    }
    return pins | inputs


def prune(folder: DatasetFolder, versions: list[Manifest]) -> int:
    """Remove versions; files that a kept version shares stay. Gives the bytes freed.

    What a prune that was killed left of versions that are none any more goes, too.
    """
    freed = 0
    with writing(f"{folder.dataset} (prune)"):
        for manifest in versions:
            (folder.version(manifest.version) / "manifest.json").unlink()  # from here on it is no version
            folder.chosen(manifest.version).unlink(missing_ok=True)
        kept = {file.path for manifest in folder.manifests() for file in manifest.files}
        for left in [path for path in folder.path.glob("[!.]*") if _is_no_version(path)]:
            freed += _empty(folder.path, left, kept)
    return freed


def _is_no_version(path: Path) -> bool:
    return path.is_dir() and path.name != "pins" and not (path / "manifest.json").exists()


def _empty(root: Path, left: Path, kept: set[str]) -> int:
    """Remove the files of a folder that no version names, and the folder if it is empty then."""
    freed = 0
    for path in [path for path in left.rglob("*") if path.is_file()]:
        if path.relative_to(root).as_posix() not in kept:
            freed += path.stat().st_size
            path.unlink()
    if not any(path.is_file() for path in left.rglob("*")):
        shutil.rmtree(left, ignore_errors=True)
    return freed


def orphaned(quarantine: Path, run_ids: set[str], keep_days: float, now: dt.datetime) -> list[Path]:
    """Quarantine folders that may go: of runs no release is from, last written `keep_days` ago."""
    young = (now - dt.timedelta(days=keep_days)).timestamp()
    folders = sorted(path for path in quarantine.glob("*") if path.is_dir())
    return [path for path in folders if path.name not in run_ids and path.stat().st_mtime < young]
