"""Random histories of batches against rebuilds.

`python benchmarks/equivalence.py [--examples 2000] [--workers 2]`

The property of tests/clicks/equivalence.py, on other histories than the tests have. The first one whose
batches end in other rows than the rebuild is made small, shown, and fails the bench.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from process import PROJECT

ALONE = "--alone"
_FIRST = 1000
"""The tests have the numbers below."""


def main() -> None:
    """Share the examples out among processes, and wait."""
    asked = _arguments()
    if asked.alone:
        _alone(asked.examples, asked.seed)
        return
    began, each = time.perf_counter(), -(-asked.examples // asked.workers)
    command = [sys.executable, __file__, ALONE, "--examples", str(each), "--seed"]
    workers = [subprocess.Popen([*command, str(seed)], cwd=PROJECT) for seed in range(asked.workers)]
    ended = [worker.wait() for worker in workers]
    if any(ended):
        raise SystemExit("batches and rebuild differ; the history is above")
    print(f"{each * asked.workers:,} histories end as their rebuild, in {time.perf_counter() - began:.0f} s")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", default=2000, type=int)
    parser.add_argument("--workers", default=2, type=int)
    parser.add_argument("--seed", default=0, type=int, help="of the histories of one process")
    parser.add_argument(ALONE, action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _alone(number: int, of: int) -> None:
    sys.path.insert(0, str(PROJECT))
    from tests.clicks.equivalence import SMALL, check_random_histories
    from tests.clicks.quick import quickly

    options = {"split_at_midnight": True, "split_on_campaign": True} if of % 2 else {}
    with tempfile.TemporaryDirectory() as spill, quickly(Path(spill)):
        check_random_histories(SMALL | options, number, _FIRST + of)


if __name__ == "__main__":
    main()
