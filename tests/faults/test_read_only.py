"""Folders that may not be written: the run says which and what to do; releases stay as they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults import rights
from tests.faults.conftest import Reference
from tests.faults.place import DAYS, Place, hashes

pytestmark = pytest.mark.skipif(not rights.can_be_given_up(), reason="permissions don't bind root here")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Take the right to write from the folder and all below it."""
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield
    for path in paths:
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.mark.parametrize("part", ["releases", "landing", "quarantine", "spill", "data"])
def test_a_folder_that_may_not_be_written(place: Place, reference: Reference, part: str) -> None:
    folder = place.data if part == "data" else getattr(place.layout, part)
    folder.mkdir(exist_ok=True)
    with read_only(folder):
        ended = place.run(DAYS[1], "new", bound=True)
    assert (ended.code, "Traceback" in ended.output) == (6, False), ended.output
    assert len(ended.output.splitlines()) < 24
    assert str(folder) in ended.output
    assert "writable" in ended.output or "ML_ETL_DATA" in ended.output
    assert place.current
    assert hashes(place.current) == reference.expected[DAYS[0]]
