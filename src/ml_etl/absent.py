"""What there is in place of something a run left out, or does not have yet."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Absent:
    """Given in place of an artefact; `reason` says why there is none."""

    reason: str
