"""The driver, a small shop, and what undisturbed runs on it release."""

import random
import shutil
import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.faults.place import DAYS, Hashes, Place, hashes
from tests.faults.runs import Runs
from tests.shops import table

LINES, ARTICLES, CUSTOMERS, LENGTH = 600, 30, 40, 150
_FIRST = date(2024, 1, 1)


@dataclass(frozen=True)
class Reference:
    """Undisturbed runs, one per day: their artefacts' hashes, their usual seconds, the first one's folder."""

    expected: dict[str, Hashes]
    seconds: float
    base: Path


@pytest.fixture(scope="session")
def runs() -> Iterator[Runs]:
    driver = Runs()
    yield driver
    driver.close()


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of Parquet files: five months of purchases, drawn with a fixed seed."""
    folder, chance = tmp_path_factory.mktemp("faults") / "shop", random.Random(20240501)
    articles = [{"article_id": f"{n:04}", "prod_name": f"article {n}"} for n in range(ARTICLES)]
    customers = [{"customer_id": f"c{n:03}", "age": 18.0 + n} for n in range(CUSTOMERS)]
    lines = [
        {
            "transaction_id": f"t{n:05}",
            "t_dat": _FIRST + timedelta(days=chance.randrange(LENGTH)),
            "customer_id": chance.choice(customers)["customer_id"],
            "article_id": chance.choice(articles)["article_id"],
            "price": chance.randrange(100, 5000) / 100,
            "basket_id": f"b{chance.randrange(LINES // 3):03}",
        }
        for n in range(LINES)
    ]
    folder.mkdir()
    for name, rows in (("articles", articles), ("customers", customers), ("transactions", lines)):
        pq.write_table(table(rows), folder / f"{name}.parquet")
    return folder


def released(place: Place, day: str) -> tuple[Hashes, float]:
    """Run undisturbed: what it released, and how long that took."""
    ended = place.run(day, f"reference-{day}")
    assert ended.code == 0, ended.output
    assert place.current
    return hashes(place.current), ended.seconds


@pytest.fixture(scope="session")
def reference(runs: Runs, small_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    place = Place(runs, tmp_path_factory.mktemp("reference") / "data", small_shop)
    first, _ = released(place, DAYS[0])

    def later(day: str) -> tuple[Hashes, float]:
        data = place.data.with_name(day)
        shutil.copytree(place.data, data)
        return released(replace(place, data=data), day)

    with ThreadPoolExecutor(2) as pool:  # as the lanes go
        found = list(pool.map(later, DAYS[1:]))
    expected = dict(zip(DAYS, [first, *(artefacts for artefacts, _ in found)], strict=True))
    assert len({tuple(artefacts.values()) for artefacts in expected.values()}) == len(DAYS)
    return Reference(expected, statistics.median(seconds for _, seconds in found), place.data)


@pytest.fixture(scope="session")
def places(
    runs: Runs, small_shop: Path, reference: Reference, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Place]:
    """Makes data folders in which the first day is released."""
    parent, number = tmp_path_factory.mktemp("places"), count(1)

    def make() -> Place:
        data = parent / f"data{next(number)}"
        shutil.copytree(reference.base, data)
        return Place(runs, data, small_shop)

    return make


@pytest.fixture
def place(places: Callable[[], Place]) -> Place:
    """A data folder in which the first day is released."""
    return places()
