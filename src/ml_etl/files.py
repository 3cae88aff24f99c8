"""Files that are whole or not there: write beside, sync, rename."""

import contextlib
import hashlib
import json
import os
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


def sync(path: Path) -> None:
    """Force a file's or folder's content to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_SYNCED_AT_ONCE = 16


def sync_all(paths: Iterable[Path]) -> None:
    """The same of many files and of the folders they lie in: at once they take little longer than one."""
    files = list(paths)
    with ThreadPoolExecutor(_SYNCED_AT_ONCE) as pool:
        for some in (files, {file.parent for file in files}):
            list(pool.map(sync, some))


@contextlib.contextmanager
def whole(path: Path, synced: bool = True) -> Iterator[Path]:
    """Yield a path beside `path` to write to; it takes `path`'s place when the block ends well.

    Not `synced`: whoever writes many files syncs them all in the end (sync_all).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        yield beside
        if synced:
            sync(beside)
        os.replace(beside, path)  # noqa: PTH105 -- one system call, and named as such
        if synced:
            sync(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """Write JSON, sorted and indented, whole or not at all."""
    with whole(path) as beside:
        beside.write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest(content: Any) -> str:
    """Hex digest of a JSON-like value, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
