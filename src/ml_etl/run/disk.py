"""A look at the disk before a build."""

import shutil

from ml_etl.errors import StoreError
from ml_etl.store.versions import DatasetFolder

_ROOM = 2
"""A build stages a new version beside the present one and may spill as much again."""


def require_space(folder: DatasetFolder, minimum_gb: float, base: str | None = None) -> None:
    """Raise StoreError when the disk has less than `minimum_gb`, or twice what a build writes.

    That is the current release; of a version `base` that is added to, what it wrote itself.
    """
    current = folder.current()
    version = base or (current.version if current else None)
    written = folder.manifest(version).written if version else 0
    needed = max(minimum_gb * 1e9, _ROOM * written)
    folder.path.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder.path).free
    if free < needed:
        raise StoreError(
            f"{folder.dataset}: {free / 1e9:.1f} GB free at {folder.path}, needed {needed / 1e9:.1f} GB. "
            f"Free disk space (`kedro releases prune`), or set ML_ETL_DATA to a larger disk."
        )
