"""Bought together, on baskets a person can count."""

import random

import ibis
import pandas as pd
import pytest

from ml_etl.pipelines.interactions import also_bought as module
from ml_etl.pipelines.interactions.params import AlsoBoughtParams, InteractionsParams

#            a  b  c
BASKETS = [("a", "b"), ("a", "b", "c"), ("a", "b"), ("a",), ("b", "c"), ("c", "a")]
ITEMS = ["a", "b", "c"]


def params(**limits: int) -> InteractionsParams:
    limits = {"min_support": 1, "top": 20, "max_items_per_unit": 200, **limits}
    return InteractionsParams.model_construct(also_bought=AlsoBoughtParams(**limits))


def found(baskets=BASKETS, **limits: int) -> tuple[list[tuple], dict[str, int]]:
    pairs = [(unit, ITEMS.index(item)) for unit, items in enumerate(baskets) for item in items]
    frame = pd.DataFrame(pairs, columns=["unit", "item"])
    table, facts = module.also_bought(frame, pd.DataFrame({"article_id": ITEMS}), params(**limits))
    rows = table.to_pylist()
    return [(r["article_id"], r["related_article_id"], r["support"], r["rank"]) for r in rows], facts


def test_support_counts_baskets_with_both() -> None:
    rows, _ = found()
    assert rows == [
        ("a", "b", 3, 1),
        ("a", "c", 2, 2),
        ("b", "a", 3, 1),
        ("b", "c", 2, 2),
        ("c", "b", 2, 1),  # cosine 2/√(3·4) beats a's 2/√(3·5)
        ("c", "a", 2, 2),
    ]


def test_ranks_by_cosine_then_id() -> None:
    rows, _ = found()
    assert [(r[1], r[3]) for r in rows if r[0] == "c"] == [("b", 1), ("a", 2)]


def test_below_the_support_nothing_is_said() -> None:
    rows, _ = found(min_support=3)
    assert [row[:3] for row in rows] == [("a", "b", 3), ("b", "a", 3)]


def test_the_best_only() -> None:
    rows, _ = found(top=1)
    assert [row[:2] for row in rows] == [("a", "b"), ("b", "a"), ("c", "b")]


def test_large_units_keep_their_best_sellers_and_it_is_said() -> None:
    rows, facts = found(max_items_per_unit=2)
    assert (facts["units_capped"], facts["items_cut"]) == (1, 1)  # basket 2 loses c: a sells 5, b 4, c 3
    assert ("a", "c", 1, 2) in rows


def test_blocks_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = found()
    monkeypatch.setattr(module, "_PAIRS_PER_BLOCK", 1)
    assert found()[0] == whole


def test_processes_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    chance, articles = random.Random(3), pd.DataFrame({"article_id": [f"{n:02}" for n in range(12)]})
    drawn = {(chance.randrange(60), chance.randrange(12)) for _ in range(300)}
    frame = pd.DataFrame(sorted(drawn), columns=["unit", "item"])
    alone = module.also_bought(frame, articles, params())
    monkeypatch.setattr(module, "_PAIRS_PER_BLOCK", 200)  # several for each process
    monkeypatch.setattr(module, "processors", lambda: 3)
    monkeypatch.setattr(module, "_PAIRS_PER_PROCESS", 1)
    assert module.also_bought(frame, articles, params()) == alone


def test_no_baskets() -> None:
    assert found(baskets=[])[0] == []


def test_units_are_baskets_else_a_customers_days() -> None:
    lines = [  # customer, article, basket, age in days, merchandise
        (1, "a", "one", 3, True),
        (1, "b", "one", 3, True),
        (1, "b", "one", 3, True),  # the same again is no other pair
        (1, "c", None, 3, True),
        (0, "c", None, 3, True),
        (0, "a", None, 3, True),
        (0, "a", None, 0, True),
        (0, "bag", None, 0, False),
        (2, "b", "two", 0, True),
    ]
    columns = ["customer_number", "article_id", "basket_id", "age", "is_merchandise"]
    numbers = {"a": 10, "b": 11, "bag": 12, "c": 14}
    bought = pd.DataFrame(lines, columns=columns)
    purchases = ibis.memtable(bought.assign(article_number=bought["article_id"].map(numbers)))
    index = ibis.memtable(pd.DataFrame({"index": [0, 1, 2, 3], "article_id": ["c", "bag", "b", "a"]}))
    articles = ibis.memtable(pd.DataFrame(numbers.items(), columns=["article_id", "article_number"]))
    pairs = module.units_and_items(purchases, index, articles).to_pandas()
    assert len(pairs) == 7
    names = module.items(index).to_pandas()["article_id"]
    assert list(names) == ["a", "b", "bag", "c"]
    units = sorted(sorted(names[some["item"]]) for _, some in pairs.groupby("unit"))
    assert units == [["a"], ["a", "b"], ["a", "c"], ["b"], ["c"]]
