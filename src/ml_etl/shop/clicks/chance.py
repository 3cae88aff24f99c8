"""Draws that depend on a key alone: the same for a basket whatever other baskets there are."""

from typing import Any

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def mixed(keys: np.ndarray) -> np.ndarray:
    """SplitMix64's finaliser (Steele, Lea, Flood 2014): uint64 to well spread uint64."""
    with np.errstate(over="ignore"):
        z = keys.astype(np.uint64) + _GOLDEN
        z = (z ^ (z >> np.uint64(30))) * _FIRST
        z = (z ^ (z >> np.uint64(27))) * _SECOND
        return z ^ (z >> np.uint64(31))


def key(*parts: Any) -> np.ndarray:
    """One key of several integers or arrays of them."""
    found = np.zeros(1, np.uint64)
    for part in parts:
        found = mixed(found ^ np.asarray(part).astype(np.uint64))
    return found


def uniform(keys: np.ndarray, draw: int) -> np.ndarray:
    """Numbers in [0, 1), one per key; `draw` numbers the draws of a key."""
    return (mixed(keys ^ np.uint64(draw * 0x5851F42D)) >> np.uint64(11)) * (1.0 / (1 << 53))


def geometric(keys: np.ndarray, draw: int, mean: float) -> np.ndarray:
    """Whole numbers from 0 on with this mean."""
    return (np.log1p(-uniform(keys, draw)) / np.log(mean / (1 + mean))).astype(np.int64)


def exponential(keys: np.ndarray, draw: int, mean: float) -> np.ndarray:
    return -mean * np.log1p(-uniform(keys, draw))


def hexadecimal(keys: np.ndarray) -> np.ndarray:
    """Sixteen hex digits per key, as a tracker writes its ids."""
    digits = keys.astype(">u8").tobytes().hex().encode()
    return np.frombuffer(digits, dtype="S16")
