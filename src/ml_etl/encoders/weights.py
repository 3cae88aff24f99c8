"""Weights as files: whole or not, and their hash. Only safetensors: other formats can carry code."""

import json
import struct
from pathlib import Path

from ml_etl.errors import Damaged
from ml_etl.files import digest, sha256

_LONGEST_HEADER = 100_000_000
"""What the format itself allows."""


def hash_of(files: list[Path]) -> str:
    """sha256 of the weights: of the file, or of the shards' hashes in the order of their names.

    Raises:
        Damaged: a file that is not whole.
    """
    for file in files:
        require_whole(file)
    hashes = {file.name: sha256(file) for file in files}
    return next(iter(hashes.values())) if len(hashes) == 1 else digest(hashes)


def require_whole(file: Path) -> None:
    """Compare a file's size with what its header says.

    Raises:
        Damaged: missing, cut off, or not in the format.
    """
    if not file.is_file():
        raise Damaged(f"Weights {file} are missing. Fetch the model again, or name another one.")
    try:
        expected = _expected_bytes(file)
    except (ValueError, struct.error, KeyError, TypeError, AttributeError, OSError) as error:
        raise Damaged(
            f"Weights {file} can't be read as safetensors ({error}). Fetch the model again."
        ) from None
    if expected != (size := file.stat().st_size):
        raise Damaged(
            f"Weights {file} are damaged: expected {expected:,} bytes by their header, came {size:,}. "
            f"Fetch the model again."
        )


def _expected_bytes(file: Path) -> int:
    with file.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        if length > _LONGEST_HEADER:
            raise ValueError("no header")
        header = json.loads(stream.read(length))
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    return 8 + length + max(ends, default=0)
