"""A chain of kills on one data folder, each followed by the next run, while a reader looks on."""

import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from signal import SIGKILL

from tests.faults.breaks import Break
from tests.faults.place import DAYS, Hashes, Place, hashes
from tests.faults.runs import Ended

Cause = Break | float
"""A named step, or seconds after which the process is killed wherever it is."""


@dataclass
class Lane:
    """What a chain of kills showed; the lists name what was wrong, by kind."""

    place: Place
    expected: dict[str, Hashes]
    retry: bool
    kills: int = 0
    torn: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    seen: dict = field(default_factory=dict)

    def go(self, causes: Sequence[Cause]) -> "Lane":
        """Kill, recover, and on to the next day; the next run has the killed one's id where `retry`."""
        stop = self.place.data / "stop"
        reader = self.place.runs.start(self.place.data, watch=stop)
        try:
            for day, cause in zip(DAYS[1:], causes, strict=False):
                self._kill(day, cause)
                self._recover(day, cause)
        finally:
            stop.touch()
            self.seen = json.loads(reader.wait().output)
        return self

    def _kill(self, day: str, cause: Cause) -> None:
        before = self.place.current
        ended = self._broken(day, cause)
        self.kills += ended.killed
        if not ended.killed and (isinstance(cause, Break) or ended.code):
            self.failed.append(f"{cause}: not killed but {ended.code}: {ended.output}")
        now = self.place.current
        assert now and before
        if now.version != before.version and hashes(now) != self.expected[day]:
            self.torn.append(f"{cause}: CURRENT is neither the former release nor the new one")
        self.torn += [f"{cause}: {damage}" for damage in self.place.damaged()]

    def _broken(self, day: str, cause: Cause) -> Ended:
        if isinstance(cause, Break):
            return self.place.run(day, f"run-{day}", broken=cause)
        process = self.place.start(day, f"run-{day}")
        time.sleep(cause)
        process.send(SIGKILL)
        return process.wait()

    def _recover(self, day: str, cause: Cause) -> None:
        ended = self.place.run(day, f"run-{day}" if self.retry else f"next-{day}")
        if ended.code != 0:
            self.failed.append(f"{cause}: the next run: {ended.code}: {ended.output}")
            return
        current = self.place.current
        if current is None or hashes(current) != self.expected[day]:
            self.different.append(f"{cause}: {current and current.version}")
        self.torn += [f"{cause}: {damage}" for damage in self.place.damaged()]
        self.left += [f"{cause}: {path}" for path in self.place.left_over()]
        self._settled(day, cause)

    def _settled(self, day: str, cause: Cause) -> None:
        """etl_runs says of the killed run whether it released."""
        statuses = self.place.statuses()
        released = self.place.folder.exists(f"run-{day}")
        wanted = {"success"} if released else {"interrupted", None}  # None: killed before its row was there
        if statuses.get(f"run-{day}") not in wanted or "running" in statuses.values():
            self.unsettled.append(f"{cause}: released: {released}, etl_runs: {statuses}")


def side_by_side(lanes: Sequence[Lane], causes: Sequence[Sequence[Cause]]) -> list[Lane]:
    """Let the lanes go, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(Lane.go, lanes, causes))


def moments(seed: int, usual: float, count: int) -> list[list[Cause]]:
    """`count` moments spread evenly over a run's usual seconds, in chains as long as the days allow."""
    chance = random.Random(seed)
    drawn: list[Cause] = [chance.uniform(0, usual) for _ in range(count)]
    length = len(DAYS) - 1
    return [drawn[start : start + length] for start in range(0, count, length)]
