"""Real rows that may lie beside the project; nothing of them is in it."""

from pathlib import Path

import pytest

from tests.conftest import PROJECT


def beside(name: str) -> Path:
    """A file or folder of the rows beside the project, or the test is left out."""
    path = PROJECT.parent / "shared" / "data" / name
    if not path.exists():
        pytest.skip(f"the rows {name} are not beside the project")
    return path
