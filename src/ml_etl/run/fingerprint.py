"""What of the code a dataset's bytes depend on."""

import functools
from pathlib import Path

from ml_etl.files import digest, sha256
from ml_etl.layout import PROJECT

_PACKAGE = Path(__file__).resolve().parents[1]
_SHARED = ("clickstream", "contracts", "engine", "store", "pipelines/landing", "pipelines/staging")
_FILES = (
    *("as_of.py", "days.py", "expressions.py", "hashes.py", "joins.py", "local_time.py", "parts.py"),
    *("purchases.py", "repeats.py", "selects.py", "vectors.py"),
)


@functools.cache
def code_of(dataset: str) -> str:
    """Digest of the dataset's package, the packages every dataset shares, and the lock."""
    folders = [_PACKAGE / name for name in (*_SHARED, f"pipelines/{dataset}")]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    paths += [_PACKAGE / name for name in _FILES]
    lock = PROJECT / "requirements.lock"
    named = {str(path.relative_to(_PACKAGE)): sha256(path) for path in paths}
    return digest({**named, "lock": sha256(lock) if lock.exists() else ""})
