"""How long a run's steps take: from a node's start to the next one's, so that saving counts."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kedro.pipeline.node import Node


class StepClock:
    """Seconds per step and per tag of a run whose nodes go one after the other."""

    def __init__(self) -> None:
        self._began = self._since = time.perf_counter()
        self._node: Node | None = None
        self.by_step: dict[str, float] = {}
        self.by_tag: dict[str, float] = defaultdict(float)

    def start(self, node: Node) -> None:
        """A node starts, with the loading of its first input; the one before has ended."""
        if node is self._node:
            return
        self.stop()
        self._node, self._since = node, time.perf_counter()

    def stop(self) -> None:
        """The running node, if any, has ended."""
        if self._node is None:
            return
        self.by_step[self._node.name] = round(self.running, 3)
        for tag in self._node.tags:
            self.by_tag[tag] += self.running
        self._node = None

    @property
    def running(self) -> float:
        """Seconds of the running step so far."""
        return time.perf_counter() - self._since

    @property
    def total(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self._began
