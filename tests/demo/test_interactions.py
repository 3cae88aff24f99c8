"""The released interactions of the demo shop against independent computations."""

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Data
from tests.demo import oracle

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return oracle.lines()


@pytest.fixture(scope="module")
def release(demo: Data, monkeypatch_module: pytest.MonkeyPatch):
    monkeypatch_module.setenv("ML_ETL_DATA", str(demo.folder))
    return demo.released(env=None)


@pytest.fixture(scope="module")
def table(release) -> pd.DataFrame:
    return release.read().to_pandas()


def test_every_pair_equals_pandas(table: pd.DataFrame, lines: pd.DataFrame) -> None:
    expected = oracle.pairs(lines)
    found = table.set_index(["customer_id", "article_id"]).sort_index()
    assert found.index.equals(expected.index)
    for name in expected.columns:
        if expected[name].dtype.kind == "M":
            assert (pd.to_datetime(found[name]) == expected[name]).all(), name
        else:
            np.testing.assert_allclose(found[name].astype(float), expected[name], rtol=1e-9, err_msg=name)


@pytest.fixture(scope="module")
def run(demo: Data, release) -> dict:
    """The row of etl_runs of the run that made the release: other tests run on the demo shop, too."""
    return next(r for r in demo.runs() if (r["dataset"], r["run_id"]) == ("interactions", release.version))


def test_odd_rows_are_counted_as_published(run: dict) -> None:
    """The numbers stand in the description of the shop; some flagged rows are adjustments as well."""
    counts = run["checks"]["tables"]["transactions"]
    assert counts["rows_in"] == 1_469_307
    assert counts["rule.adjustment"] == 8_820 + 49
    assert counts["note.free_purchase"] == 2_406
    assert counts["note.no_merchandise"] == 19_055
    assert 14_600 < counts["note.fuel"] < 14_800  # "about 14,700"
    assert counts["note.large_quantity"] == 1  # 144 ears of corn
    assert run["checks"]["tables"]["articles"]["note.not_in_catalogue"] == 17


def test_rows_add_up(run: dict) -> None:
    assert run["rows_in"] == run["rows_out"] + run["rows_quarantined"] + run["rows_duplicate"]
    assert run["rows_quarantined"] == 8_869


def test_days_are_local(table: pd.DataFrame) -> None:
    """In UTC the newest day would be a torn 2018-01-01; on Christmas the shop is closed."""
    days = pd.to_datetime(table.last_purchase_date)
    assert days.max() == pd.Timestamp(2017, 12, 31)
    assert pd.Timestamp(2017, 12, 25) not in set(days)


def test_matrix_agrees_with_the_table(release, table: pd.DataFrame) -> None:
    matrix = release.read("matrix")
    customers = release.read("customer_index").to_pandas().set_index("index").customer_id
    articles = release.read("article_index").to_pandas().set_index("index").article_id
    assert matrix.shape == (len(customers), len(articles))
    assert matrix.sum() == table.purchase_count.sum()
    by_customer = table.groupby("customer_id").purchase_count.sum()
    assert (np.asarray(matrix.sum(axis=1)).ravel() == by_customer[customers].to_numpy()).all()
    by_article = table.groupby("article_id").purchase_count.sum()
    assert (np.asarray(matrix.sum(axis=0)).ravel() == by_article[articles].to_numpy()).all()


def test_also_bought_equals_brute_force(release, lines: pd.DataFrame) -> None:
    """For 100 of the 1,000 best sellers and 100 random articles, by set arithmetic on baskets."""
    goods = lines[lines.merchandise]
    baskets = {article: set(units) for article, units in goods.groupby("article_id").basket_id}
    sellers = goods.article_id.value_counts()
    chance = np.random.default_rng(7)
    asked = [*chance.choice(sellers.index[:1000], 100, replace=False)]
    asked += [*chance.choice(sorted(baskets), 100, replace=False)]
    found = release.read("also_bought").to_pandas().sort_values(["article_id", "rank"])
    found = dict(iter(found.groupby("article_id")))
    inside = {unit: set(items) for unit, items in goods.groupby("basket_id").article_id}
    for article in asked:
        expected = _together(article, baskets, inside)
        rows = found.get(article)
        came = [] if rows is None else [*zip(rows.related_article_id, rows.support, strict=True)]
        assert came == [(other, support) for other, support, _ in expected], article
        if rows is not None:
            np.testing.assert_allclose(rows.cosine, [cosine for *_, cosine in expected], rtol=1e-12)
            n = len(baskets[article])
            sizes = np.array([len(baskets[other]) for other, *_ in expected])
            support = rows.support.to_numpy()
            np.testing.assert_allclose(rows.jaccard, support / (n + sizes - support), rtol=1e-12)
            np.testing.assert_allclose(rows.lift, support * len(inside) / (n * sizes), rtol=1e-12)


def _together(article: str, baskets: dict, inside: dict) -> list[tuple[str, int, float]]:
    """The 20 best by cosine (compared as whole numbers, so that ties are ties), then by id."""
    others: dict[str, int] = {}
    for unit in baskets[article]:
        for other in inside[unit]:
            others[other] = others.get(other, 0) + 1
    others.pop(article)
    scale = len(baskets[article])
    known = [(other, support) for other, support in others.items() if support >= 3]
    from fractions import Fraction

    known.sort(key=lambda pair: (-Fraction(pair[1] ** 2, len(baskets[pair[0]])), pair[0]))
    return [(o, s, s / (scale * len(baskets[o])) ** 0.5) for o, s in known[:20]]


def test_popularity_equals_pandas(release, lines: pd.DataFrame) -> None:
    goods = lines[lines.merchandise]
    found = release.read("popularity").to_pandas()
    for weeks in (1, 4, 8):
        recent = goods[goods.age < 7 * weeks]
        buyers = recent.groupby("article_id").customer_id.nunique().rename("buyers").reset_index()
        buyers = buyers.sort_values(["buyers", "article_id"], ascending=[False, True]).reset_index(drop=True)
        ranked = found[(found.age_band == "ALL") & found[f"rank_{weeks}w"].notna()].sort_values(
            f"rank_{weeks}w"
        )
        assert [*ranked.article_id] == [*buyers.article_id]
        assert [*ranked[f"buyers_{weeks}w"]] == [*buyers.buyers]
        assert [*ranked[f"rank_{weeks}w"]] == [*range(1, len(buyers) + 1)]


def test_splits_cut_by_date(release, lines: pd.DataFrame) -> None:
    found = release.read("splits").to_pandas()
    days = pd.to_datetime(found.t_dat)
    validation, test = pd.Timestamp(2017, 11, 6), pd.Timestamp(2017, 12, 4)  # 28 + 28 days before 2018
    expected = np.where(days < validation, "train", np.where(days < test, "validation", "test"))
    assert (found.split == expected).all()
    assert found.purchase_count.sum() == len(lines)
    known = set(lines[lines.day < validation].article_id)
    assert (found.cold_article == ~found.article_id.isin(known)).all()
    known = set(lines[lines.day < validation].customer_id)
    assert (found.cold_customer == ~found.customer_id.isin(known)).all()


def test_csv_holds_the_same_rows(release, table: pd.DataFrame) -> None:
    csv = pd.read_csv(release.path("interactions_csv"), dtype={"customer_id": str, "article_id": str})
    assert len(csv) == len(table)
    assert (csv.customer_id == table.customer_id).all()
    assert (csv.article_id == table.article_id).all()
    np.testing.assert_allclose(csv.score_half_life_90, table.score_half_life_90, rtol=1e-12)
