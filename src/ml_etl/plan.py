"""What one run is going to do for one dataset."""

from dataclasses import dataclass, field
from typing import Any, Literal

from ml_etl.as_of import AsOf

Status = Literal["build", "unchanged", "released"]


@dataclass(frozen=True)
class Plan:
    """One dataset's part of a run.

    `status`: build; unchanged (CURRENT has the same fingerprint); released (this very run already released
    it). `version` is the run's id, or `<id>-2` where that id was released from something else.
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


@dataclass(frozen=True)
class ReleaseRequest:
    """What a release node asks the store for: which artefacts, under which plan, with which checks passed."""

    plan: Plan
    artefacts: tuple[str, ...]
    checks: dict[str, Any]
