"""What an experiment tracker is told of one run; plain data, so that pipelines need no tracker."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TrackedRun:
    """One run of a dataset as an experiment.

    `inputs` maps names to digests, `files` file names to their text (HTML, Markdown, JSON). `version` is
    what a release must be kept for as long as the experiment cites it.
    """

    dataset: str
    run_id: str
    version: str
    params: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
