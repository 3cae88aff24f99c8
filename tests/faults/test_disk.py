"""Full disks: the run says so in a few lines, releases stay whole, and the next run needs no cleaning."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.breaks import Break, resize
from tests.faults.conftest import Reference
from tests.faults.place import DAYS, Place, hashes
from tests.faults.runs import Ended

WRITES = (1, 3, 8)
"""Which of a run's artefacts meets the full disk."""
SMALL, LARGE = 64_000_000, 1_200_000_000
"""A disk on which no build starts, and one on which it does (bytes; a tmpfs takes only what is written)."""

TOO_LARGE = Break("write", act="limit", amount=100)


@pytest.fixture
def disk(place: Place, tmp_path: Path) -> Iterator[Place]:
    """The first day's release on a file system of its own."""
    mount = tmp_path / "disk"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={LARGE}", "tmpfs", str(mount)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a full file system needs a mount, and that root or a container allows it")
    shutil.copytree(place.data, mount / "data")
    yield replace(place, data=mount / "data")
    subprocess.run(["umount", str(mount)], check=True)


def refused(ended: Ended, *named: str) -> None:
    """The exit code of a store that can't be written, and one screen of text that names what is needed."""
    assert (ended.code, "Traceback" in ended.output) == (6, False), ended.output
    assert len(ended.output.splitlines()) < 24
    assert all(name in ended.output for name in named), ended.output


def whole(place: Place, reference: Reference) -> None:
    """The first day's release is current and undamaged."""
    assert place.current
    assert hashes(place.current) == reference.expected[DAYS[0]]
    assert place.damaged() == []


def recovers(place: Place, reference: Reference, run_id: str) -> None:
    """The next run releases the second day as an undisturbed one does."""
    ended = place.run(DAYS[1], run_id)
    assert ended.code == 0, ended.output
    assert place.current
    assert hashes(place.current) == reference.expected[DAYS[1]]
    assert place.damaged() == []


def test_no_build_starts_on_a_disk_without_room(disk: Place, reference: Reference) -> None:
    resize(disk.data.parent, SMALL)
    refused(disk.run(DAYS[1], "new"), "GB free", "needed", "1.0 GB", "ML_ETL_DATA", str(disk.folder.path))
    whole(disk, reference)


@pytest.mark.slow
def test_a_disk_that_fills_up_in_the_middle(disk: Place, reference: Reference) -> None:
    """No space left on device, at a Parquet file, a later one, and a small one; then there is room again."""
    for nth in WRITES:
        full = Break("write", nth, act="shrink", path=str(disk.data.parent))
        refused(disk.run(DAYS[1], "new", broken=full), "interactions", "ML_ETL_DATA")
        resize(disk.data.parent, LARGE)
        whole(disk, reference)
    recovers(disk, reference, "new")


@pytest.mark.parametrize("kind", [".parquet", ".csv", ".npz", ".json"])
def test_a_write_that_fails_in_the_middle(place: Place, reference: Reference, kind: str) -> None:
    """File too large, at the first artefact of each kind."""
    refused(place.run(DAYS[1], "new", broken=replace(TOO_LARGE, name=kind)), "interactions", "ML_ETL_DATA")
    whole(place, reference)


def test_no_write_works_at_all(place: Place, reference: Reference) -> None:
    """Not even a scratch file, nor etl_runs; then all do, and the run's id is as good as new."""
    refused(place.run(DAYS[1], "new", broken=replace(TOO_LARGE, at="start")), "ML_ETL_DATA")
    whole(place, reference)
    recovers(place, reference, "new")
