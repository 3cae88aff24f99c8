"""A reader that opens the current release again and again, and notes whatever is not whole."""

import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_EVERY = 10
"""Every so many reads all files are hashed."""


@dataclass
class Seen:
    """What a reader saw: versions in the order they came, and what was wrong (nothing, it is hoped)."""

    reads: int = 0
    hashed: int = 0
    versions: list[str] = field(default_factory=list)
    as_ofs: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def watch(stop: Path, pause: float = 0.1) -> dict[str, Any]:
    """Read until the file `stop` exists; `ML_ETL_DATA` says where."""
    from ml_etl import released

    seen = Seen()
    while not stop.exists():
        try:
            release = released("interactions", env="files")
            _look(release, seen)
        except Exception as error:
            seen.problems.append(f"read {seen.reads}: {type(error).__name__}: {error}")
        seen.reads += 1
        time.sleep(pause)
    return asdict(seen)


def _look(release: Any, seen: Seen) -> None:
    """The main table's rows, and every file's size; now and then every file's bytes."""
    import pyarrow.parquet as pq

    from ml_etl.files import sha256

    manifest = release.manifest
    rows = pq.ParquetFile(release.path()).read(use_threads=False).num_rows
    assert rows == manifest.rows, f"{rows} rows, the manifest says {manifest.rows}"
    folder = release.path().parent.parent
    for file in manifest.files:
        assert (folder / file.path).stat().st_size == file.bytes, f"{file.path}: size"
        assert seen.reads % _EVERY or sha256(folder / file.path) == file.sha256, f"{file.path}: bytes"
    seen.hashed += seen.reads % _EVERY == 0
    if seen.versions[-1:] != [manifest.version]:
        assert not seen.as_ofs or seen.as_ofs[-1] <= manifest.as_of, "CURRENT went back"
        seen.versions.append(manifest.version)
        seen.as_ofs.append(manifest.as_of)
