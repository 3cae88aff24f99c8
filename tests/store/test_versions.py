"""Versions, CURRENT, retention and care, on files small enough to write by hand."""

import datetime as dt
import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from ml_etl.errors import Locked, UsageError
from ml_etl.files import sha256
from ml_etl.store import care
from ml_etl.store.locks import hold
from ml_etl.store.manifest import Entry, File, Manifest
from ml_etl.store.versions import DatasetFolder

NOW = dt.datetime(2020, 6, 1, tzinfo=dt.UTC)


@pytest.fixture
def folder(tmp_path: Path) -> DatasetFolder:
    return DatasetFolder(tmp_path, "letters")


def release(
    folder: DatasetFolder, version: str, day: int, text: str = "a", days_ago: int = 0, **changed
) -> Manifest:
    """Stage one file and commit it as of January `day`, released `days_ago`."""
    folder.begin(version)
    path = folder.staged(version) / "letters.txt"
    path.write_text(text)
    file = File(f"{version}/letters.txt", path.stat().st_size, sha256(path), 1)
    entry = Entry("letters", "txt", file.path, 1, file.bytes, file.sha256, {}, (file,))
    manifest = Manifest(
        dataset="letters",
        version=version,
        run_id=version,
        as_of=f"2020-01-{day:02}T00:00:00Z",
        released_at=(NOW - dt.timedelta(days=days_ago)).isoformat(timespec="seconds"),
        fingerprint=version,
        inputs={},
        parameters={},
        checks={},
        artefacts={"letters": entry},
    )
    manifest = replace(manifest, **changed)
    folder.commit(version, manifest)
    folder.advance(manifest)
    return manifest


def test_current_moves_forward_in_as_of_only(folder: DatasetFolder) -> None:
    release(folder, "v1", day=10)
    release(folder, "v2", day=5)
    assert folder.current().version == "v1"
    release(folder, "v3", day=10)
    assert folder.current().version == "v3"


def test_newest_by_as_of(folder: DatasetFolder) -> None:
    release(folder, "v1", day=10)
    release(folder, "v2", day=5)
    assert folder.newest(until="2020-01-09T00:00:00Z").version == "v2"
    assert folder.newest(before="2020-01-05T00:00:00Z") is None


def test_a_folder_without_manifest_is_no_version(folder: DatasetFolder) -> None:
    folder.begin("v1")
    (folder.staged("v1") / "letters.txt").write_text("a")
    assert not folder.manifests()
    with pytest.raises(UsageError, match="no version v1; there are: none"):
        folder.manifest("v1")


def test_what_a_killed_run_left_is_swept_by_the_next(folder: DatasetFolder) -> None:
    folder.begin("dead")
    (folder.staged("dead") / "letters.txt").write_text("half")
    release(folder, "v1", day=1)
    assert not list((folder.path / ".staged").iterdir())


def test_verify_names_what_is_damaged(folder: DatasetFolder) -> None:
    release(folder, "v1", day=1)
    release(folder, "v2", day=2, text="b")
    assert not list(care.damages(folder))
    (folder.path / "v1" / "letters.txt").write_text("x")
    (folder.path / "v2" / "letters.txt").unlink()
    found = [(damage.version, damage.what) for damage in care.damages(folder)]
    assert found == [("v1", "bytes differ from the manifest"), ("v2", "missing")]


def test_retention_keeps_the_new_the_young_and_the_cited(folder: DatasetFolder, tmp_path: Path) -> None:
    """Ten versions of 100 to 10 days ago; v1 is pinned, v2 cited by another dataset, v3 promoted."""
    for n in range(1, 11):
        release(folder, f"v{n}", day=n, days_ago=110 - 10 * n)
    (folder.path / "pins").mkdir()
    (folder.path / "pins" / "v1").touch()
    other = DatasetFolder(tmp_path, "words")
    release(other, "w1", day=1, dataset="words", inputs={"releases": {"letters": "v2"}})
    folder.point("v3")
    old = care.prunable(folder, keep_last=2, keep_days=45, now=NOW)
    assert [m.version for m in old] == ["v4", "v5", "v6"]
    care.prune(folder, old)
    assert {m.version for m in folder.manifests()} == {"v1", "v2", "v3", "v7", "v8", "v9", "v10"}
    assert not (folder.path / "v4").exists()


def test_quarantine_goes_with_the_last_release_of_its_run(tmp_path: Path) -> None:
    for run, days_ago in (("released", 90), ("failed", 90), ("young", 1)):
        (tmp_path / run).mkdir()
        when = (NOW - dt.timedelta(days=days_ago)).timestamp()
        os.utime(tmp_path / run, (when, when))
    gone = care.orphaned(tmp_path, {"released"}, keep_days=30, now=NOW)
    assert [path.name for path in gone] == ["failed"]


def test_files_that_a_kept_version_shares_stay(folder: DatasetFolder) -> None:
    first = release(folder, "v1", day=1, days_ago=100)
    release(folder, "v2", day=2, artefacts=first.artefacts)  # v2 names v1's file, as events' days will
    care.prune(folder, [first])
    assert (folder.path / "v1" / "letters.txt").exists()
    assert not list(care.damages(folder))
    assert [m.version for m in folder.manifests()] == ["v2"]


def test_stale_by_the_last_run_that_found_it_fresh(folder: DatasetFolder) -> None:
    schedule = {"every_hours": 24, "grace_hours": 2}
    assert care.stale(folder, schedule, NOW) == "never released"
    release(folder, "v1", day=1)
    now = dt.datetime.now(dt.UTC)
    assert care.stale(folder, schedule, now) is None
    assert "27.0 h ago, allowed 26 h" in str(care.stale(folder, schedule, now + dt.timedelta(hours=27)))


def test_the_second_run_is_told_who_holds_it(folder: DatasetFolder) -> None:
    refused: list[Locked] = []

    def second() -> None:
        try:
            with hold(folder, "run-2"):
                pass
        except Locked as error:
            refused.append(error)

    with hold(folder, "run-1"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert refused[0].exit_code == 4
    assert "held by run run-1 (process" in str(refused[0])
    with hold(folder, "run-3"):
        pass


def test_readers_never_miss_while_current_moves(folder: DatasetFolder) -> None:
    release(folder, "v1", day=1)
    missed, stop = [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                folder.manifest(folder.current().version)
            except Exception as error:
                missed.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(2, 40):
        release(folder, f"v{n}", day=1, text=str(n))
    stop.set()
    reader.join()
    assert not missed
    assert json.loads((folder.path / "CURRENT").read_text())["version"] == "v39"
