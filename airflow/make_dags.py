"""Render every DAG with `kedro airflow create`, into one file named as the DAG.

make_dags.py [FOLDER] [OPTIONS...]: into airflow/dags by default; options of `kedro airflow create` follow.
Runs in the project's environment.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
BIN = Path(sys.executable).parent


def main(folder: Path, options: Sequence[str]) -> None:
    from ml_etl.pipeline_registry import DATASETS

    dags = yaml.safe_load((PROJECT / "conf" / "base" / "airflow.yml").read_text("utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        _create(list(DATASETS), Path(made), options)
        names = [f"{dags[name]['dag_id']}.py" for name in DATASETS]
        for name, file in zip(DATASETS, names, strict=True):
            shutil.move(next(Path(made).glob(f"*_{name}_dag.py")), folder / file)
    for former in set(folder.glob("*.py")) - {folder / file for file in names}:
        former.unlink()
    subprocess.run(
        [BIN / "ruff", "check", "--quiet", "--fix", "--select", "I", folder], cwd=PROJECT, check=True
    )
    subprocess.run([BIN / "ruff", "format", "--quiet", folder], cwd=PROJECT, check=True)
    print(f"{folder}: {', '.join(names)}")


def _create(pipelines: list[str], folder: Path, options: Sequence[str]) -> None:
    command = [BIN / "kedro", "airflow", "create", "--env", "base", "--pipelines", ",".join(pipelines)]
    command += ["--jinja-file", HERE / "dag.py.j2", "--target-dir", folder, *options]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    if result.returncode:
        sys.exit(result.stdout + result.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "dags", sys.argv[2:])
