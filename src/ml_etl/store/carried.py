"""What artefacts that add to an earlier version have in common: its files that stay, and their record."""

import json
from dataclasses import asdict, replace
from pathlib import Path, PurePosixPath
from typing import Any

from ml_etl.files import digest, write_json
from ml_etl.store.manifest import Entry, File
from ml_etl.store.versions import DatasetFolder


def files_of(folder: DatasetFolder, version: str | None, name: str) -> list[File]:
    """The files of a version's artefact; none without a version, or where it has no such artefact."""
    entry = folder.manifest(version).artefacts.get(name) if version else None
    return list(entry.files) if entry else []


def record(
    path: Path, name: str, file_format: str, written: list[File], kept: list[File], schema: dict[str, str]
) -> None:
    """Keep beside the staged files what the manifest will say of them, and of those that stay."""
    everything = sorted([*written, *kept], key=_name)
    entry = Entry(
        name,
        file_format,
        name,
        sum(file.rows or 0 for file in everything),
        sum(file.bytes for file in everything),
        digest([file.sha256 for file in everything]),
        schema,
        tuple(written),
    )
    write_json(path, {**asdict(entry), "carried": [asdict(file) for file in kept]})


def recorded(content: dict[str, Any], version: str) -> Entry:
    """The manifest's entry of a record: paths relative to the dataset's folder, files by name."""
    kept = [File(**file) for file in content.pop("carried", [])]
    entry = Entry.of(content)
    staged = [replace(file, path=f"{version}/{file.path}") for file in entry.files]
    files = tuple(sorted([*staged, *kept], key=_name))
    return replace(entry, path=f"{version}/{entry.path}", files=files)


def read_record(path: Path) -> tuple[list[File], list[File]]:
    """The files a record names: staged ones, and those that stay."""
    content = json.loads(path.read_text("utf-8"))
    return [File(**file) for file in content["files"]], [File(**file) for file in content["carried"]]


def _name(file: File) -> str:
    return PurePosixPath(file.path).name
