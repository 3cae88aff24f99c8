"""RFM cells, segments, BG/NBD and Gamma-Gamma against published numbers and by eye."""

import datetime as dt
import importlib.util
import itertools
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
import yaml
from pydantic import ValidationError

from ml_etl.absent import Absent
from ml_etl.as_of import AsOf
from ml_etl.pipelines.customers import bgnbd, gamma_gamma
from ml_etl.pipelines.customers.clustering import cluster
from ml_etl.pipelines.customers.demographics import known_customers
from ml_etl.pipelines.customers.lines import purchase_days
from ml_etl.pipelines.customers.params import SEGMENT_NAMES, CustomersParams
from ml_etl.pipelines.customers.postal import hash_postal_codes
from ml_etl.pipelines.customers.rfm import rfm
from ml_etl.pipelines.customers.scaling import FEATURES
from ml_etl.pipelines.customers.segments import segments
from ml_etl.pipelines.customers.value import histories, value
from tests.conftest import PROJECT

BOUNDS = (1e-4, 100)


def given(**changes: Any) -> dict[str, Any]:
    path = PROJECT / "conf" / "base" / "parameters" / "customers.yml"
    return yaml.safe_load(path.read_text())["customers"] | {"postal_key_id": None} | changes


@pytest.fixture(scope="module")
def params() -> CustomersParams:
    return CustomersParams(**given())


# --- RFM


def test_all_125_cells_have_one_segment(params: CustomersParams) -> None:
    cells = ["".join(cell) for cell in itertools.product("12345", repeat=3)]
    named = [score for scores in params.named_scores.values() for score in scores]
    assert sorted(named) == cells
    assert {*params.named_scores} == {*SEGMENT_NAMES}
    by_cell = {score: name for name, scores in params.named_scores.items() for score in scores}
    assert (by_cell["555"], by_cell["155"], by_cell["111"]) == ("Champions", "Can't Lose Them", "Lost")


@pytest.mark.parametrize("wrong", ["missing", "twice"])
def test_a_table_with_a_gap_or_an_overlap_is_refused(wrong: str) -> None:
    table = dict(given()["rfm_segments"])
    table["Promising"] = (
        [{"r": [4], "f": [1], "m": [1, 2, 3, 4]}] if wrong == "missing" else [{"r": [4, 5], "f": [1]}]
    )
    message = "415: no name" if wrong == "missing" else "511: New Customers and Promising"
    with pytest.raises(ValidationError, match=message):
        CustomersParams(**given(rfm_segments=table))


def test_scores_of_ten_buyers_are_quintiles(params: CustomersParams) -> None:
    buyers = pd.DataFrame({"customer_number": range(10), "recency_days": range(10)})
    buyers["frequency"], buyers["monetary"] = 7, range(10)
    found = rfm(ibis.memtable(buyers), params).order_by("customer_number").to_pandas()
    assert [*found.r_score] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]  # the lowest recency is best
    assert [*found.f_score] == [3] * 10  # all equal: the middle
    assert [*found.m_score] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_undated_customers_can_be_left_out() -> None:
    people = pd.DataFrame({"customer_id": ["bought", "undated"], "customer_number": [0, 1]})
    columns = ("age_band", "gender", "club_member_status", "fashion_news_frequency", "postal_code")
    shop = ibis.memtable(people).mutate(
        **{name: ibis.null("string") for name in columns},
        age=ibis.null("int64"),
        FN=ibis.null("float64"),
        Active=ibis.null("float64"),
        signup_date=ibis.null("date"),
    )
    lines = ibis.memtable(pd.DataFrame({"customer_number": [0], "t_dat": [dt.date(2020, 1, 1)]}))
    codes = hash_postal_codes(pd.DataFrame({"postal_code": []}), None)
    as_of = AsOf(dt.date(2020, 2, 1), "UTC", dt.date(2020, 2, 2))
    for rule, expected in (("known", ["bought", "undated"]), ("from_first_purchase", ["bought"])):
        asked = CustomersParams(**given(undated_customers=rule))
        found = known_customers(shop, lines, codes, as_of, asked).select("customer_id")
        assert sorted(found.to_pandas().customer_id) == expected


# --- segments


def people(n: int, seed: int) -> pd.DataFrame:
    """Three kinds of buyers, n each: regulars, occasional ones, and those long gone."""
    chance = np.random.default_rng(seed)
    centres = {
        "a": (2, 80, 4000, 15, 600, 0.5, 5.0),
        "b": (25, 20, 500, 8, 120, 0.4, 4.0),
        "c": (250, 2, 40, 3, 6, 0.2, 1.5),
    }
    rows = [
        [f"{kind}{i:03}", *(np.array(centre) * chance.uniform(0.8, 1.2, len(FEATURES)))]
        for kind, centre in centres.items()
        for i in range(n)
    ]
    return pd.DataFrame(rows, columns=["customer_id", *FEATURES])


def kinds(found) -> dict[str, int]:
    """The segment of each kind, which must hold all of it and nothing else."""
    members = found.to_pandas()
    by_kind = members.groupby(members.customer_id.str[0]).segment.unique()
    assert by_kind.map(len).eq(1).all()
    return {kind: int(ids[0]) for kind, ids in by_kind.items()}


def test_three_kinds_are_three_segments(params: CustomersParams) -> None:
    members, profiles, described = segments(people(40, seed=1), Absent("first"), params)
    assert kinds(members) == {"a": 1, "b": 2, "c": 3}  # by falling monetary value
    assert described["k"] == 3
    assert [row["k"] for row in described["tried"]] == [3, 4, 5, 6, 7, 8]
    assert profiles.to_pandas().customer_count.tolist() == [40, 40, 40]


def test_ids_stay_with_the_same_people(params: CustomersParams) -> None:
    """The former version named them otherwise; a year later they are other customers of the same kinds."""
    *_, described = segments(people(40, seed=1), Absent("first"), params)
    renamed = {1: 7, 2: 9, 3: 2}
    described["segments"] = [row | {"segment": renamed[row["segment"]]} for row in described["segments"]]
    members, _profiles, later = segments(people(60, seed=2), described | {"next_id": 10}, params)
    assert kinds(members) == {"a": 7, "b": 9, "c": 2}
    assert later["next_id"] == 10 and later["match"]["from"] == "the previous version"


def test_a_new_segment_gets_an_id_never_used(params: CustomersParams) -> None:
    *_, described = segments(people(40, seed=1), Absent("first"), params)
    described["segments"] = described["segments"][:2]  # formerly two; ids 1 to 5 were used at some time
    members, *_, later = segments(people(40, seed=2), described | {"next_id": 6}, params)
    assert kinds(members) == {"a": 1, "b": 2, "c": 6}
    assert later["next_id"] == 7


def test_order_of_customers_and_nulls(params: CustomersParams) -> None:
    """A feature that is null for all is left out; a single null lies at the mean; nothing is changed."""
    buyers = people(40, seed=1).assign(discount_share=np.nan)
    buyers.loc[0, "product_type_entropy"] = np.nan
    before = buyers.copy()
    members, profiles, described = segments(buyers, Absent("first"), params)
    assert described["left_out"] == ["discount_share"]
    assert profiles.to_pandas().discount_share_mean.isna().all()
    assert kinds(members) == {"a": 1, "b": 2, "c": 3}
    pd.testing.assert_frame_equal(buyers, before)


@pytest.mark.parametrize("n", [0, 1, 2, 29])
def test_too_few_buyers_are_one_segment(n: int, params: CustomersParams) -> None:
    buyers = people(10, seed=1).head(n)
    members, profiles, described = segments(buyers, Absent("first"), params)
    assert {*members.to_pandas().segment} == ({1} if n else set())
    assert len(profiles) == described["k"] == min(n, 1)
    assert described["fallback"].startswith(f"{n} buyers")


def test_a_sample_bounds_the_work(params: CustomersParams) -> None:
    points = np.random.default_rng(1).normal(size=(500, 2)) + np.repeat(np.eye(2) * 20, 250, axis=0)
    limits = params.segments.model_copy(update={"sample_customers": 100, "smallest_k": 2, "largest_k": 4})
    first, again = cluster(points, limits), cluster(points, limits)
    assert first.sample == 100 and len(first.centroids) == 2
    assert (first.centroids == again.centroids).all()


# --- CDNOW: Fader, Hardie & Lee (2005); Fader & Hardie (2013)


@pytest.fixture(scope="module")
def cdnow() -> Path:
    spec = importlib.util.find_spec("lifetimes")
    assert spec and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "datasets"


@pytest.fixture(scope="module")
def published(cdnow: Path) -> pd.DataFrame:
    return pd.read_csv(cdnow / "cdnow_customers_summary_with_transactions.csv").set_index("ID")


@pytest.fixture(scope="module")
def buyers(cdnow: Path) -> pd.DataFrame:
    """Our own histories of the 2,357 sample customers, from their purchases until 30 September 1997."""
    names = ["master", "customer_id", "t_dat", "units", "line_value"]
    lines = pd.read_csv(cdnow / "CDNOW_sample.txt", sep=r"\s+", names=names, dtype={"customer_id": str})
    lines["t_dat"] = pd.to_datetime(lines.t_dat, format="%Y%m%d")
    as_of = AsOf(dt.date(1997, 10, 1), "UTC", dt.date(1998, 7, 1))
    known = lines[lines.t_dat < pd.Timestamp(as_of.day)]
    known = known.assign(customer_number=known.customer_id.astype(int))
    table = ibis.memtable(known).mutate(
        t_dat=ibis._.t_dat.cast("date"),
        line_value=ibis._.line_value.cast("decimal(18, 12)"),
        sales_channel_id=ibis.null("int64"),
        is_discounted=ibis.null("boolean"),
        is_free=ibis.literal(False),
    )
    customers = table.select("customer_number", "customer_id").distinct()
    return histories(purchase_days(table, as_of), customers).to_pandas()


def test_cdnow_summary_of_every_customer(buyers: pd.DataFrame, published: pd.DataFrame) -> None:
    found = buyers.assign(ID=buyers.customer_id.astype(int)).set_index("ID").sort_index()
    assert len(found) == len(published) == 2_357
    assert (found.repeat_count == published.x).all()
    assert (found.recency_at_days / 7 - published.t_x).abs().max() < 0.00501  # published to two digits
    assert (found.observed_days / 7 - published["T"]).abs().max() < 0.00501
    repeated = published[published.x > 0]
    assert (found.repeat_value[repeated.index] - repeated.zbar).abs().max() < 0.00501


def test_cdnow_parameters(buyers: pd.DataFrame, params: CustomersParams) -> None:
    table, facts = value(buyers, {"purchases": {"oldest": 272}}, params)
    back = facts["bg_nbd"]
    assert back["ok"] and facts["gamma_gamma"]["ok"]
    rounded = {name: round(number, 3) for name, number in back["parameters"].items()}
    assert rounded == {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    assert round(back["log_likelihood"], 1) == -9582.4
    worth = {name: round(number, 2) for name, number in facts["gamma_gamma"]["parameters"].items()}
    assert worth == {"p": 6.25, "q": 3.74, "v": 15.44}
    rows = table.to_pandas()
    assert rows.p_alive.isna().equals(rows.repeat_count == 0)
    assert rows.expected_purchases_90d.between(rows.expected_purchases_30d, 90).all()


def test_cdnow_expectation_of_a_published_customer() -> None:
    """Fader & Hardie's worked example: two repeats, the last in week 30.43 of 38.86; 1.226 in 39 weeks."""
    fitted = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    one = np.array([2.0]), np.array([30.43]), np.array([38.86])
    assert bgnbd.expected_purchases(fitted, 39, *one)[0] == pytest.approx(1.226, abs=0.0005)


def test_expectations_by_simulation() -> None:
    """50,000 customers who buy and leave as the model says, without any of its formulas."""
    chance = np.random.default_rng(5)
    r, alpha, a, b = 2.0, 8.0, 1.5, 4.0
    rate, leaves = chance.gamma(r, 1 / alpha, 50_000), chance.beta(a, b, 50_000)
    observed, ahead = 30.0, 12.0
    x, t_x, later = np.zeros(50_000), np.zeros(50_000), np.zeros(50_000)
    clock, alive = np.zeros(50_000), np.ones(50_000, dtype=bool)
    while alive.any():
        clock = clock + chance.exponential(1 / rate)
        alive &= clock < observed + ahead
        seen, future = alive & (clock <= observed), alive & (clock > observed)
        x, t_x, later = x + seen, np.where(seen, clock, t_x), later + future
        alive &= chance.random(50_000) > leaves
    fitted = {"r": r, "alpha": alpha, "a": a, "b": b}
    expected = bgnbd.expected_purchases(fitted, ahead, x, t_x, np.full(50_000, observed))
    for group in (x == 0, x == 1, x > 3):
        assert later[group].mean() == pytest.approx(expected[group].mean(), rel=0.05)


def test_no_infinity_comes_out() -> None:
    extreme = np.array([0.0, 1.0, 400.0]), np.array([0.0, 0.0, 51.9]), np.array([0.0, 52.0, 52.0])
    for fitted in (
        {"r": 1e-4, "alpha": 1e-4, "a": 1.0, "b": 1e-4},
        {"r": 100, "alpha": 100, "a": 100, "b": 100},
    ):
        for found in (bgnbd.expected_purchases(fitted, 13, *extreme), bgnbd.p_alive(fitted, *extreme)):
            assert not np.isinf(found).any()
    worthless = gamma_gamma.expected_value(
        {"p": 6.0, "q": 0.5, "v": 15.0}, extreme[0], np.array([np.nan, 0.0, 3.0])
    )
    assert np.isnan(worthless[:2]).all() and worthless[2] == pytest.approx(6 * (15 + 1200) / 2399.5)
