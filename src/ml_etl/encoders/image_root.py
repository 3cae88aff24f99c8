"""The folder of a shop's images: where it is, and what tells one state of it from another."""

import os
from collections.abc import Iterator
from pathlib import Path

from ml_etl.absent import Absent
from ml_etl.errors import SourceUnreachable
from ml_etl.files import digest


def root_of(root: str | None, beneath: str = "") -> Path | Absent:
    """The folder of a shop's images: `beneath` in `root`. Absent where none is named, or it has none.

    Raises:
        SourceUnreachable: `root` is no folder.
    """
    if not root:
        return Absent("the shop has no image folder")
    folder = Path(root).expanduser()
    if not folder.is_dir():
        raise SourceUnreachable(f"Images: {folder} is no folder. Look at image_root or hm_folder (--params).")
    place = folder / beneath
    return place if place.is_dir() else Absent(f"{folder} has no folder {beneath}")


def identity_of_folder(root: Path) -> str:
    """Digest of the names, sizes and times of all files below a folder.

    Raises:
        SourceUnreachable: a folder can't be read.
    """
    try:
        found = [(str(path.relative_to(root)), info.st_size, info.st_mtime_ns) for path, info in _walk(root)]
    except OSError as error:
        raise SourceUnreachable(f"Images: {root} can't be listed ({error}).") from error
    return digest(sorted(found))


def _walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path))
            else:
                yield Path(entry.path), entry.stat(follow_symlinks=False)
