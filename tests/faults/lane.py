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

    def go(self, days: Sequence[Sequence[Cause]]) -> "Lane":
        """Per day one kill or more, then a run that may end; it has the killed ones' id where `retry`."""
        stop = self.place.data / "stop"
        reader = self.place.runs.start(self.place.data, watch=stop)
        try:
            for day, causes in zip(DAYS[1:], days, strict=False):
                for number, cause in enumerate(causes):
                    self._kill(day, self._id(day, number), cause)
                self._recover(day, self._id(day, len(causes)), causes)
        finally:
            stop.touch()
            self.seen = json.loads(reader.wait().output)
        return self

    def _id(self, day: str, number: int) -> str:
        return f"run-{day}" if self.retry else f"run-{day}-{number}"

    def _kill(self, day: str, run_id: str, cause: Cause) -> None:
        before = self.place.current
        ended = self._broken(day, run_id, cause)
        self.kills += ended.killed
        if not ended.killed and (isinstance(cause, Break) or ended.code):
            self.failed.append(f"{cause}: not killed but {ended.code}: {ended.output}")
        now = self.place.current
        assert now and before
        if now.version != before.version and hashes(now) != self.expected[day]:
            self.torn.append(f"{cause}: CURRENT is neither the former release nor the new one")
        self.torn += [f"{cause}: {damage}" for damage in self.place.damaged()]

    def _broken(self, day: str, run_id: str, cause: Cause) -> Ended:
        if isinstance(cause, Break):
            return self.place.run(day, run_id, broken=cause)
        process = self.place.start(day, run_id)
        time.sleep(cause)
        process.send(SIGKILL)
        return process.wait()

    def _recover(self, day: str, run_id: str, cause: Sequence[Cause]) -> None:
        ended = self.place.run(day, run_id)
        if ended.code != 0:
            self.failed.append(f"{cause}: the next run: {ended.code}: {ended.output}")
            return
        current = self.place.current
        if current is None or hashes(current) != self.expected[day]:
            self.different.append(f"{cause}: {current and current.version}")
        self.torn += [f"{cause}: {damage}" for damage in self.place.damaged()]
        self.left += [f"{cause}: {path}" for path in self.place.left_over()]
        self.unsettled += [f"{cause}: {problem}" for problem in self._unsettled()]

    def _unsettled(self) -> list[str]:
        """Rows of etl_runs that don't say whether their run released."""
        folder, statuses = self.place.folder, self.place.statuses()
        released = {manifest.run_id for manifest in folder.manifests()}
        made = {"success", "unchanged"}
        return [
            f"{run_id} is {status}, released: {run_id in released}"
            for run_id, status in statuses.items()
            if (status not in made if run_id in released else status not in {"interrupted", "unchanged"})
        ]


def side_by_side(lanes: Sequence[Lane], causes: Sequence[Sequence[Sequence[Cause]]]) -> list[Lane]:
    """Let the lanes go, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(Lane.go, lanes, causes))


def moments(seed: int, usual: float, count: int) -> list[list[tuple[Cause, ...]]]:
    """`count` random moments of a run's usual seconds: two per day, in lanes as long as the days allow."""
    chance = random.Random(seed)
    days = [(chance.uniform(0, usual), chance.uniform(0, usual)) for _ in range(count // 2)]
    length = len(DAYS) - 1
    return [list(days[start : start + length]) for start in range(0, len(days), length)]
