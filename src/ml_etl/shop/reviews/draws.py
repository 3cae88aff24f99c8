"""Random draws that depend on nothing but a row's own hash and the draw's name.

Later purchases therefore change no earlier review, and a new draw changes no other one.
"""

import hashlib

import numpy as np
import pyarrow as pa


class Draws:
    """Named random numbers of rows, from one 64-bit hash per row."""

    def __init__(self, hashes: np.ndarray):
        self._hashes = hashes

    def __len__(self) -> int:
        return len(self._hashes)

    def uniform(self, name: str) -> np.ndarray:
        """float64 per row in [0, 1)."""
        return (_mixed(self._hashes ^ _number(name)) >> np.uint64(11)) / 2.0**53

    def normal(self, name: str) -> np.ndarray:
        """float64 per row, standard normal."""
        from scipy.special import ndtri

        return ndtri(np.maximum(self.uniform(name), 2.0**-54))

    def below(self, name: str, bound: int) -> np.ndarray:
        """int64 per row in [0, bound)."""
        return (self.uniform(name) * bound).astype(np.int64)

    def where(self, rows: np.ndarray) -> "Draws":
        """Those of some rows."""
        return Draws(self._hashes[rows])


def of_digests(digests: pa.ChunkedArray) -> Draws:
    """Draws of rows that are told apart by hex digests (16 digits of each count)."""
    numbers = bytes.fromhex("".join(digest[:16] for digest in digests.to_pylist()))
    return Draws(np.frombuffer(numbers, dtype=">u8").astype(np.uint64))


def _number(name: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big"))


def _mixed(state: np.ndarray) -> np.ndarray:
    """The finalizer of SplitMix64 (Steele, Lea, Flood 2014)."""
    with np.errstate(over="ignore"):
        state = state + np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return state ^ (state >> np.uint64(31))
