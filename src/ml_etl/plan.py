"""What one run is going to do for one dataset."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal

from ml_etl.as_of import AsOf

Status = Literal["build", "unchanged", "released", "empty"]


@dataclass(frozen=True)
class Increment:
    """What a run adds to a dataset: source rows with `since` ≤ known-from < `until` (naive UTC).

    `base` is the version they are added to, None where it starts anew, from the first row on. `watermark` is
    how far the source is read once they are. `facts` is what the next run compares with.
    """

    base: str | None
    since: dt.datetime | None
    until: dt.datetime
    watermark: dt.datetime
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, Any]:
        """What the manifest says of it."""
        window = {"base": self.base, "since": str(self.since), "until": str(self.until)}
        return {"increment": {**self.facts, **window}}


@dataclass(frozen=True)
class Plan:
    """One dataset's part of a run.

    `status`: build; unchanged (CURRENT has the same fingerprint); released (this very run already released
    it); empty (the shop has no row yet). `version` is the run's id, or `<id>-2` where that id was released
    from something else. `increment`: of a dataset that is added to.
    `previous_rows` are the main table's in the newest release with an earlier or equal as-of;
    `previous_version` is the newest release with an earlier one, what changes are told against.
    """

    dataset: str
    run_id: str
    version: str
    as_of: AsOf
    fingerprint: str
    status: Status = "build"
    inputs: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    previous_rows: int | None = None
    previous_version: str | None = None
    increment: Increment | None = None

    @property
    def grown(self) -> Increment:
        """The increment of a dataset that has one."""
        assert self.increment
        return self.increment


@dataclass(frozen=True)
class ReleaseRequest:
    """What a release node asks the store for: which artefacts, under which plan, with which checks passed."""

    plan: Plan
    artefacts: tuple[str, ...]
    checks: dict[str, Any]
