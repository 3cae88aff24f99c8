"""A line now and then while much is encoded. A run's live bar lets lines pass above it."""

import sys
import time

_EVERY_SECONDS = 15.0


class Ticker:
    """Says at most every 15 seconds how far the encoding is; short work says nothing."""

    def __init__(self, what: str):
        self._what = what
        self._began = self._said = time.perf_counter()

    def __call__(self, done: int, total: int) -> None:
        now = time.perf_counter()
        if now - self._said < _EVERY_SECONDS:
            return
        self._said = now
        rate = done / (now - self._began)
        print(f"  encoding {self._what}: {done:,} of {total:,}, {rate:.0f}/s", file=sys.stderr, flush=True)
