"""One engine with a memory for all small runs of this folder."""

from collections.abc import Iterator

import pytest

from tests.clicks.quick import Quick, quickly


@pytest.fixture(scope="module", autouse=True)
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quick]:
    with quickly(tmp_path_factory.mktemp("spill")) as engine:
        yield engine
