"""The commands as a user calls them, and the API beside them."""

import json
import os
import resource
import subprocess
import sys
import time

import pytest

from tests.conftest import PROJECT, Data

pytestmark = pytest.mark.slow  # they read the demo release


def test_show_as_json_has_paths_and_hashes(demo: Data) -> None:
    shown = json.loads(demo.kedro("releases", "show", "interactions", "--json").stdout)
    assert shown["dataset"] == "interactions"
    assert shown["as_of"] == "2018-01-01T05:00:00Z"
    table = shown["artefacts"]["interactions"]
    assert set(table) >= {"path", "rows", "bytes", "sha256", "files"}
    assert os.path.getsize(table["path"]) == table["bytes"]  # noqa: PTH202
    assert table["files"][0]["sha256"] == table["sha256"]


def test_lists_are_tables_with_the_current_marked(demo: Data) -> None:
    listed = demo.kedro("releases")
    assert listed.returncode == 0
    assert "CURRENT" in listed.stdout
    assert "863,378" in listed.stdout
    runs = demo.kedro("runs", "--last", "10").stdout
    assert "success" in runs
    assert "8,869" in runs


def test_verify_then_damage_then_verify(demo: Data, tmp_path) -> None:
    assert "are whole" in demo.kedro("releases", "verify").stdout
    copy = Data(tmp_path / "copy")
    subprocess.run(["cp", "-r", str(demo.folder), str(copy.folder)], check=True)
    victim = next(copy.folder.glob("05_model_input/demo/interactions/*/splits.parquet"))
    victim.write_bytes(victim.read_bytes()[:-1] + b"!")
    result = copy.kedro("releases", "verify")
    assert result.returncode == 8
    assert "splits.parquet: bytes differ" in result.stderr


def test_promote_and_its_refusals(demo: Data) -> None:
    version = json.loads(demo.kedro("releases", "show", "interactions", "--json").stdout)["version"]
    assert (
        f"CURRENT is {version}"
        in demo.kedro("releases", "promote", "interactions", "--version", version).stdout
    )
    refused = demo.kedro("releases", "promote", "interactions", "--version", "none")
    assert refused.returncode == 2
    assert "has no version none; there are:" in refused.stderr


def test_check_is_quiet_when_fresh_and_fails_when_never_released(demo: Data, tmp_path) -> None:
    assert demo.kedro("releases", "--check").returncode == 0
    empty = Data(tmp_path / "empty").kedro("releases", "--check")
    assert empty.returncode == 7
    assert "never released" in empty.stderr


def test_prune_keeps_what_is_new(demo: Data) -> None:
    assert "Nothing is old enough" in demo.kedro("releases", "prune", "--dry-run").stdout


def test_a_second_run_is_a_no_op_of_seconds(demo: Data) -> None:
    began = time.perf_counter()
    result = demo.kedro("run", "--pipeline=interactions")
    assert result.returncode == 0, result.stderr
    assert time.perf_counter() - began < 30  # 4 s on a quiet machine
    assert "nothing new" in result.stdout
    assert demo.runs()[0]["status"] == "unchanged"


def test_a_replay_says_what_can_be_lifted(demo: Data) -> None:
    refused = demo.kedro("events", "replay", "--reason", "nobody")
    assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
    assert "too_late" in refused.stderr + refused.stdout
    none = demo.kedro("events", "replay", "--reason", "too_late", "--dry-run")
    assert none.returncode == 0, none.stderr
    assert "No rows to replay" in none.stdout


def test_unknown_pipeline_is_a_usage_error(demo: Data) -> None:
    result = demo.kedro("run", "--pipelines", "interaction")
    assert result.returncode == 2
    assert "interactions" in result.stderr  # did you mean
    assert "Traceback" not in result.stderr


def test_looking_costs_little_more_than_kedro_itself(demo: Data) -> None:
    """Kedro's own start is most of it; what is ours must stay below 0.4 s of the processor."""
    seconds = {name: min(_processor_time(demo, *call) for _ in range(4)) for name, call in _LOOKS.items()}
    assert seconds["releases"] - seconds["kedro"] < 0.4, seconds
    assert seconds["show"] - seconds["kedro"] < 0.4, seconds


_LOOKS = {
    "kedro": ("--version",),
    "releases": ("releases",),
    "show": ("releases", "show", "interactions", "--json"),
}


def _processor_time(demo: Data, *call: str) -> float:
    """User and system seconds of the process: other work on the machine adds little to them."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert demo.kedro(*call).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def test_a_run_imports_nothing_heavy(demo: Data) -> None:
    code = (
        "import sys\n"
        "from kedro.framework.startup import bootstrap_project\n"
        "from pathlib import Path\n"
        f"bootstrap_project(Path({str(PROJECT)!r}))\n"
        "from ml_etl.run.session import EtlSession\n"
        "with EtlSession.create() as session:\n"
        "    session.run(pipeline_names=['interactions'], runtime_params={'as_of': '2017-02-01'})\n"
        "heavy = {'torch', 'mlflow', 'sklearn', 'sentence_transformers', 'open_clip', 'pyspark', 'polars'}\n"
        "heavy |= {'scipy.special', 'scipy.optimize'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={**os.environ, "ML_ETL_DATA": str(demo.folder)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "[]"


def test_old_indices_are_a_prefix_of_the_new_ones(demo: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ML_ETL_DATA", str(demo.folder))
    earlier = ("run", "--pipelines", "interactions", "--params", "as_of=2017-02-01")
    assert demo.kedro(*earlier).returncode == 0
    for name in ("customer_index", "article_index"):
        old = demo.released(env=None, as_of="2017-02-01").read(name).order_by("index").to_pandas()
        new = demo.released(env=None).read(name).order_by("index").to_pandas()
        assert 0 < len(old) < len(new)
        assert old.equals(new.head(len(old)))


def test_one_thread_and_two_give_equal_bytes(demo: Data, tmp_path) -> None:
    """The same run id into two empty folders; landing is shared, since it is the same shop."""
    found = []
    for threads in ("1", "2"):
        data = Data(tmp_path / threads)
        (data.folder / "01_raw").parent.mkdir(parents=True)
        (data.folder / "01_raw").symlink_to(demo.folder / "01_raw")
        result = data.kedro(
            "run", "--pipelines", "interactions", ML_ETL_RUN_ID="same", ML_ETL_THREADS=threads
        )
        assert result.returncode == 0, result.stderr
        shown = json.loads(data.kedro("releases", "show", "interactions", "--json").stdout)
        found.append({name: entry["sha256"] for name, entry in shown["artefacts"].items()})
    assert found[0] == found[1]
    assert set(found[0]) >= {
        "interactions",
        "interactions_csv",
        "matrix",
        "splits",
        "also_bought",
        "popularity",
    }
