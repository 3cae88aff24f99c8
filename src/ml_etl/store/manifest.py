"""What a release says of itself: artefacts, files, hashes, and where it came from."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ml_etl.errors import Damaged
from ml_etl.files import digest


@contextlib.contextmanager
def reading(path: Path, remedy: str) -> Iterator[None]:
    """Turn what comes of a file that is cut off, emptied or overwritten into one error.

    Raises:
        Damaged: the block can't make sense of the file; the message says what to do.
    """
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Damaged(f"{path} is damaged ({type(error).__name__}). {remedy}") from error


@dataclass(frozen=True)
class File:
    """One immutable file; `path` is relative to the dataset's folder, so it may be an older version's."""

    path: str
    bytes: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True)
class Entry:
    """One artefact: a file, or a folder of files. `absent` says why it has none."""

    name: str
    format: str
    path: str
    rows: int | None
    bytes: int
    sha256: str
    schema: dict[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    absent: str = ""

    @classmethod
    def of_files(cls, name: str, file_format: str, files: list[File], schema: dict[str, str]) -> "Entry":
        """An artefact of these files; several lie in one folder, and its hash is that of their hashes."""
        rows = None if any(file.rows is None for file in files) else sum(file.rows or 0 for file in files)
        alone = len(files) == 1
        path = files[0].path if alone else str(PurePosixPath(files[0].path).parent)
        sha256 = files[0].sha256 if alone else digest([file.sha256 for file in files])
        size = sum(file.bytes for file in files)
        return cls(name, file_format, path, rows, size, sha256, schema, tuple(files))

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Entry":
        return cls(**{**content, "files": tuple(File(**file) for file in content["files"])})


@dataclass(frozen=True)
class Manifest:
    """A committed version of a dataset. `as_of` and `released_at` are UTC, ISO 8601."""

    dataset: str
    version: str
    run_id: str
    as_of: str
    released_at: str
    fingerprint: str
    inputs: dict[str, Any]
    parameters: dict[str, Any]
    checks: dict[str, Any]
    artefacts: dict[str, Entry]

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """The manifest at `path`.

        Raises:
            Damaged: it is none, or not a whole one.
        """
        with reading(path, "Put it back from a copy, or remove it: then that version is none any more."):
            content = json.loads(path.read_text("utf-8"))
            entries = {name: Entry.of(entry) for name, entry in content.pop("artefacts").items()}
            return cls(artefacts=entries, **content)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def order(self) -> tuple[str, str, str]:
        """What versions are sorted by: as-of, then release."""
        return self.as_of, self.released_at, self.version

    @property
    def files(self) -> Iterator[File]:
        for entry in self.artefacts.values():
            yield from entry.files

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def written(self) -> int:
        """Bytes of the files that are this version's own; those of earlier versions are there already."""
        return sum(file.bytes for file in self.files if file.path.startswith(f"{self.version}/"))

    @property
    def rows(self) -> int | None:
        """Rows of the artefact that bears the dataset's name."""
        main = self.artefacts.get(self.dataset)
        return main.rows if main else None
