"""A dataset's folder: staged runs, committed versions, and CURRENT.

    <dataset>/.staged/<run id>/      what a run has written so far
    <dataset>/<version>/             a committed version: its files and manifest.json, never changed
    <dataset>/CURRENT                the version readers get

A version comes into being by one rename of its whole staged folder; CURRENT moves by one replace of a file.
"""

import contextlib
import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from ml_etl.errors import StoreError, UsageError
from ml_etl.files import sync, write_json
from ml_etl.store.manifest import Manifest, reading


@dataclass(frozen=True)
class Current:
    """The pointer: which version, when it was released, when a run last found it up to date (UTC)."""

    version: str
    as_of: str
    moved_at: str
    checked_at: str


@contextlib.contextmanager
def writing(what: str) -> Iterator[None]:
    """Turn the system's errors into one that says what to do; committed versions are not touched by them."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{what}: can't write ({error}). The release readers get is unchanged. Free disk space, make the "
            f"folder writable, or set ML_ETL_DATA; the next run needs no cleaning."
        ) from error


class DatasetFolder:
    """The versions of one dataset on disk."""

    def __init__(self, releases: Path, dataset: str):
        self.releases = releases
        self.dataset = dataset
        self.path = releases / dataset
        self.held = False  # by the run that this object belongs to

    def staged(self, run_id: str) -> Path:
        return self.path / ".staged" / run_id

    def records(self, run_id: str) -> Path:
        """What the manifest will say of each staged artefact, kept beside until the commit."""
        return self.path / ".staged" / f"{run_id}.records"

    def version(self, version: str) -> Path:
        return self.path / version

    def exists(self, version: str) -> bool:
        return (self.version(version) / "manifest.json").is_file()

    def manifest(self, version: str) -> Manifest:
        found = self.find(version)
        if found is None:
            have = ", ".join(self.versions()) or "none"
            raise UsageError(f"{self.dataset} has no version {version}; there are: {have}.")
        return found

    def find(self, version: str) -> Manifest | None:
        """The version's manifest, or None where there is none, or none any more."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return Manifest.read(self.version(version) / "manifest.json")
        return None

    def versions(self) -> list[str]:
        """The names of all committed versions, be their manifests whole or damaged."""
        return sorted(path.parent.name for path in self.path.glob("[!.]*/manifest.json"))

    def manifests(self) -> list[Manifest]:
        """All committed versions, by as-of, then by release; one that is pruned meanwhile is none.

        Raises:
            Damaged: a manifest can't be read: which version is newest, or cites another, is not known then.
        """
        found = [manifest for version in self.versions() if (manifest := self.find(version))]
        return sorted(found, key=attrgetter("order"))

    def newest(self, before: str | None = None, until: str | None = None) -> Manifest | None:
        """The newest release with as-of < `before` and ≤ `until`; it is not pruned within the next day."""

        def known() -> Manifest | None:
            fitting = [
                m
                for m in self.manifests()
                if (before is None or m.as_of < before) and (until is None or m.as_of <= until)
            ]
            return fitting[-1] if fitting else None

        return self._chosen(known)

    def oldest(self, since: str) -> Manifest | None:
        """The oldest release with as-of ≥ `since`, of several of one as-of the newest; it stays as well."""

        def known() -> Manifest | None:
            later = [m for m in self.manifests() if m.as_of >= since]
            return [m for m in later if m.as_of == later[0].as_of][-1] if later else None

        return self._chosen(known)

    def chosen(self, version: str) -> Path:
        """The note whose time says when a version was last chosen to be read."""
        return self.path / ".chosen" / version

    def _chosen(self, known: Callable[[], Manifest | None]) -> Manifest | None:
        """What `known` tells, noted for whoever prunes; once more if it was pruned before it was noted.

        The holder of the lock is the one who prunes. Who may not write leaves no note.
        """
        while (manifest := known()) and not self.held:
            with contextlib.suppress(OSError):
                self.chosen(manifest.version).parent.mkdir(exist_ok=True)
                self.chosen(manifest.version).touch()
            if self.exists(manifest.version):
                break
        return manifest

    def current(self) -> Current | None:
        """The pointer, or None where no version has been released.

        Raises:
            Damaged: it can't be read.
        """
        path = self.path / "CURRENT"
        remedy = f"`kedro releases promote {self.dataset} --version V` writes it anew."
        with contextlib.suppress(FileNotFoundError), reading(path, remedy):
            return Current(**json.loads(path.read_text("utf-8")))
        return None

    def begin(self, run_id: str) -> None:
        """Make room for a run; what runs that were killed left behind goes."""
        with writing(f"{self.dataset} (staging of run {run_id})"):
            self.sweep(run_id)
            self.staged(run_id).mkdir(parents=True, exist_ok=True)

    def sweep(self, keep: str = "") -> None:
        """Remove what killed runs left; only the holder of the lock may.

        Of the run to keep, whole artefacts stay (a retry writes them again), half-written files don't.
        """
        kept = (self.staged(keep), self.records(keep)) if keep else ()
        for left in (self.path / ".staged").glob("*"):
            if left not in kept:
                shutil.rmtree(left, ignore_errors=True)
        halves = [*self.path.glob(".CURRENT.*"), *(half for folder in kept for half in folder.rglob(".*"))]
        for half in halves:
            half.unlink(missing_ok=True)

    def commit(self, run_id: str, manifest: Manifest) -> None:
        """Make the staged folder the version `manifest.version`, whole, by one rename."""
        staged, version = self.staged(run_id), self.version(manifest.version)
        with writing(f"{self.dataset} (release {manifest.version})"):
            write_json(staged / "manifest.json", manifest.to_json())
            sync(staged)
            os.rename(staged, version)  # noqa: PTH104 -- the commit: one system call
            sync(self.path)

    def point(self, version: str) -> None:
        """Let CURRENT name `version`."""
        manifest, now = self.manifest(version), _now()
        with writing(f"{self.dataset} (CURRENT)"):
            pointer = Current(version, manifest.as_of, now, now)
            write_json(self.path / "CURRENT", vars(pointer))

    def advance(self, manifest: Manifest) -> bool:
        """Let CURRENT name a new release unless the present one has a later as-of; says whether it did."""
        current = self.current()
        if current and current.as_of > manifest.as_of:
            return False
        self.point(manifest.version)
        return True

    def confirm(self) -> None:
        """Note that a run found CURRENT up to date."""
        current = self.current()
        if current:
            with writing(f"{self.dataset} (CURRENT)"):
                write_json(self.path / "CURRENT", {**vars(current), "checked_at": _now()})


def datasets(releases: Path) -> list[DatasetFolder]:
    """Every dataset with a committed version."""
    if not releases.is_dir():
        return []
    folders = (DatasetFolder(releases, path.name) for path in sorted(releases.iterdir()) if path.is_dir())
    return [folder for folder in folders if folder.versions()]


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
