"""What must hold of the project itself: no pickle, documents that follow the code."""

import re
from pathlib import Path

import yaml

from ml_etl.contracts import dictionary
from tests.conftest import PROJECT


def test_no_pickle_in_catalog_or_code() -> None:
    for path in [*PROJECT.glob("conf/**/*.yml"), *PROJECT.glob("src/**/*.py")]:
        text = re.sub(r'""".*?"""', "", path.read_text(), flags=re.DOTALL).lower()
        assert not re.search(r"\b(c?pickle|joblib|dill|cloudpickle)\b", text), path


def test_catalog_types_are_the_projects_or_memory() -> None:
    for path in PROJECT.glob("conf/**/catalog/*.yml"):
        for name, entry in yaml.safe_load(path.read_text()).items():
            if not name.startswith("_"):
                assert re.match(r"ml_etl\.|MemoryDataset$", entry["type"]), (path, name)


def test_the_data_dictionary_is_up_to_date() -> None:
    written = (PROJECT / "docs" / "data_dictionary.md").read_text()
    assert written == dictionary.render(), "run `make docs`"


def test_the_lock_pins_all_and_names_no_address() -> None:
    lines = [line for line in (PROJECT / "requirements.lock").read_text().splitlines() if line[:1] != "#"]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!]+", line) for line in lines), lines
    pinned = {re.split("==", line)[0].lower().replace("_", "-") for line in lines}
    wanted = re.findall(r'^\s+"([A-Za-z0-9_-]+)', (PROJECT / "pyproject.toml").read_text(), re.MULTILINE)
    needed = {name.lower().replace("_", "-") for name in wanted if not name.startswith("ml_etl")}
    assert {"kedro", "mlflow", "open-clip-torch", "pytest"} <= needed & pinned


def test_servers_that_make_starts_listen_on_loopback() -> None:
    recipes = re.sub(r"\\\n\s*", "", (PROJECT / "Makefile").read_text()).splitlines()
    servers = [
        line for line in recipes if re.search(r"\b(viz run|mlflow server|api-server|standalone)\b", line)
    ]
    assert len(servers) >= 2
    assert all("--host 127.0.0.1" in line for line in servers), servers


def test_every_pipeline_has_a_row_in_the_readme() -> None:
    readme = (PROJECT / "README.md").read_text()
    for folder in (PROJECT / "src" / "ml_etl" / "pipelines").iterdir():
        if folder.is_dir() and folder.name not in {"landing", "staging", "__pycache__"}:
            assert f"`kedro run --pipelines {folder.name}`" in readme


def test_files_are_small_enough_to_read() -> None:
    for path in Path(PROJECT / "src").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 250, path
