"""`cache_speed.py FILE`: how long the cache takes to store, to find and to read 100,000 vectors."""

import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np

from ml_etl.encoders.cache import VectorCache
from ml_etl.vectors import ModelCard

ROWS, DIM, CHUNK = 100_000, 384, 2048


def main() -> None:
    """Store in chunks as encoders do; find and read all at once, in another order."""
    cache = VectorCache(Path(sys.argv[1]), ModelCard("text", "m", None, "", "", "", "", "", DIM))
    keys = [hashlib.sha256(str(number).encode()).digest() for number in range(ROWS)]
    vectors = np.random.default_rng(0).standard_normal((ROWS, DIM), np.float32)
    order = np.random.default_rng(1).permutation(ROWS)
    times = [time.perf_counter()]
    for start in range(0, ROWS, CHUNK):
        cache.put(keys[start : start + CHUNK], vectors[start : start + CHUNK])
    times.append(time.perf_counter())
    known = cache.known(keys)
    times.append(time.perf_counter())
    rows, found = cache.read([keys[i] for i in order])
    times.append(time.perf_counter())
    assert len(known) == ROWS
    assert found.all()
    assert np.array_equal(rows, vectors[order])
    store, find, read = np.diff(times)
    print(json.dumps({"rows": ROWS, "store": store, "find": find, "read": read}))


if __name__ == "__main__":
    main()
