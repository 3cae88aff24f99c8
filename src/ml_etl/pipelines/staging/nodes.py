"""From landed tables to judged ones: a function per table, then what is the same for all."""

from collections.abc import Callable, Collection
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf, day_of
from ml_etl.contracts import rows
from ml_etl.pipelines.staging import contracts
from ml_etl.pipelines.staging.ages import OLDEST, YOUNGEST, band_of
from ml_etl.pipelines.staging.judged_reviews import judge_reviews
from ml_etl.pipelines.staging.params import StagingParams
from ml_etl.pipelines.staging.typing import (
    complete,
    day_in,
    known_before,
    moment_known_before,
    newest_known,
    typed,
)

Repeats = dict[str, dict[str, int]]
"""By table: {keys: how many come more than once}."""


def judge_articles(landed: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per landed article of the newest snapshot known, judged."""
    snapshot = newest_known(landed, as_of)
    table = typed(complete(snapshot, "articles"), contracts.ARTICLES).mutate(
        created_on=day_in(_.created_at, as_of),
        article_number=_numbered("article_id"),
        is_merchandise=_.is_merchandise.fill_null(True),
        in_catalogue=_.in_catalogue.fill_null(True),
        landed_late=_.landed_at >= ibis.literal(as_of.moment.replace(tzinfo=None)),
    )
    return rows.judge(table, contracts.ARTICLES, contracts.NEWEST_FIRST["articles"])


def judge_categories(landed: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per landed category of the newest snapshot known, judged."""
    snapshot = newest_known(landed, as_of)
    table = complete(snapshot, "categories").mutate(
        landed_late=_.landed_at >= ibis.literal(as_of.moment.replace(tzinfo=None)),
    )
    parents = table.select(parent_category_id=_.category_id, parent_known=True).distinct()
    table = table.left_join(parents, "parent_category_id")
    missing = table.parent_category_id.notnull() & table.parent_known.isnull()
    return rows.judge(table.mutate(parent_missing=missing), contracts.CATEGORIES)


def judge_customers(landed: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per landed customer of the newest snapshot known, judged."""
    snapshot = newest_known(landed, as_of)
    known = complete(snapshot, "customers").mutate(given_age=_.age.try_cast("int64"))
    plausible = (known.given_age >= YOUNGEST) & (known.given_age <= OLDEST)
    table = known.mutate(age=ibis.ifelse(plausible, known.given_age, None)).mutate(
        age_band=_.age_band.fill_null(band_of(_.age)),
        customer_number=_numbered("customer_id"),
        landed_late=_.landed_at >= ibis.literal(as_of.moment.replace(tzinfo=None)),
    )
    return rows.judge(table, contracts.CUSTOMERS)


def judge_transactions(
    landed: ir.Table, articles: ir.Table, customers: ir.Table, as_of: AsOf, repeats: Repeats
) -> ir.Table:
    """One row per landed purchase line known before the as-of, judged."""
    days = {"t_dat": day_of(landed, as_of.timezone), "returned_on": _returned_on(landed, as_of)}
    # Joined before anything uses the days: a join keeps their long expressions from being repeated.
    table = _with_customer(complete(landed, "transactions", **days), customers)
    table = table.left_join(articles.select("article_id", "article_number", "is_merchandise"), "article_id")
    table = table.mutate(
        quantity=_.quantity.fill_null(1),
        unit_of_measure=_.unit_of_measure.fill_null("each"),
    )
    table = known_before(table, table.t_dat, as_of).mutate(
        units=ibis.ifelse(_.unit_of_measure == "each", _.quantity, 1),
        line_value=_.line_value.fill_null(_.price * _.quantity),
    )
    table = typed(table.mutate(paid=_.paid.fill_null(_.line_value)), contracts.TRANSACTIONS)
    return rows.judge(table, contracts.LINES, unique=not repeats["transactions"]["keys"])


def _returned_on(landed: ir.Table, as_of: AsOf) -> ir.DateValue:
    """The local day a line came back; null where the shop doesn't say."""
    if "returned_at" not in landed.columns:
        return ibis.null("date")
    return day_in(landed.returned_at.cast("timestamp"), as_of)


def judge_orders(landed: ir.Table, customers: ir.Table, as_of: AsOf, repeats: Repeats) -> ir.Table:
    """One row per landed order known before the as-of, judged."""
    table = typed(complete(landed, "orders"), contracts.ORDERS)
    table = moment_known_before(table, table.order_date, as_of)
    table, order = _with_customer(table, customers), contracts.NEWEST_FIRST["orders"]
    return rows.judge(table, contracts.ORDERS, order, unique=not repeats["orders"]["keys"])


def judge_order_items(landed: ir.Table, articles: ir.Table, as_of: AsOf, repeats: Repeats) -> ir.Table:
    """One row per landed order item known before the as-of, judged."""
    table = typed(complete(landed, "order_items"), contracts.ORDER_ITEMS)
    table = moment_known_before(table, table.order_date, as_of)
    known = articles.select("article_id", article_known=True)
    table = table.left_join(known, "article_id").mutate(article_unknown=_.article_known.isnull())
    return rows.judge(table, contracts.ORDER_ITEMS, unique=not repeats["order_items"]["keys"])


def judge_promo(landed: ir.Table, articles: ir.Table, as_of: AsOf, repeats: Repeats) -> ir.Table:
    """One row per landed article and week that begins before the as-of, judged.

    Later weeks may well be planned, but their rows carry no time they were known from.
    """
    table = _by_monday(landed, as_of).mutate(
        landed_late=_.landed_at >= ibis.literal(as_of.moment.replace(tzinfo=None)),
    )
    table = table.filter((_.week < ibis.literal(as_of.day)) | _.week.isnull())
    known = articles.select("article_id", article_known=True)
    table = table.left_join(known, "article_id").mutate(article_unknown=_.article_known.isnull())
    return rows.judge(table, contracts.PROMO, unique=not repeats["promo"]["keys"])


def _by_monday(landed: ir.Table, as_of: AsOf) -> ir.Table:
    """The newest snapshot of promotions known; `week` becomes its Monday."""
    snapshot = complete(newest_known(landed, as_of), "promo")
    return snapshot.mutate(week=_.week.truncate("W").cast("date"))


def _numbered(key: str) -> ir.IntegerValue:
    """The place of each id among all, equal ids alike: whole numbers are grouped and joined faster."""
    return ibis.dense_rank().over(ibis.window(order_by=key))


def _with_customer(table: ir.Table, customers: ir.Table) -> ir.Table:
    known = customers.select("customer_id", "customer_number")
    return table.left_join(known, "customer_id").mutate(customer_unknown=_.customer_number.isnull())


JUDGES: dict[str, tuple[Callable[..., ir.Table], tuple[str, ...]]] = {
    "articles": (judge_articles, ()),
    "categories": (judge_categories, ()),
    "customers": (judge_customers, ()),
    "transactions": (judge_transactions, ("articles", "customers")),
    "orders": (judge_orders, ("customers",)),
    "order_items": (judge_order_items, ("articles",)),
    "promo": (judge_promo, ("articles",)),
    "reviews": (judge_reviews, ("articles",)),
}
"""Per table its function and the staged tables it refers to."""


LARGE = {
    "transactions": contracts.LINES,
    "orders": contracts.ORDERS,
    "order_items": contracts.ORDER_ITEMS,
    "promo": contracts.PROMO,
}
"""Tables too large to sort by their key where it doesn't repeat, each with the contract that names it."""


def judge(table: str) -> Callable[..., ir.Table]:
    """A node function that judges `table`'s rows, with the columns that are read for `building`."""
    whole, _refers_to = JUDGES[table]

    def narrowed(building: Collection[str], *given: Any) -> ir.Table:
        return rows.narrowed(whole(*given), contracts.STAGED[table], building)

    return narrowed


def repeat_counter(table: str) -> Callable[..., dict[str, ir.Table]]:
    """A node function that counts the keys of `table` that come more than once."""

    def count_repeats(landed: ir.Table, as_of: AsOf) -> dict[str, ir.Table]:
        key = LARGE[table].key
        keyed = _by_monday(landed, as_of) if table == "promo" else complete(landed, table)
        return {table: rows.count_repeats(keyed.select(*key), key)}

    return count_repeats


def counter(table: str) -> Callable[..., dict[str, ir.Table]]:
    """A node function that counts `table`'s verdicts in one scan."""

    def count(judged: ir.Table) -> dict[str, ir.Table]:
        return {table: rows.count(judged, contracts.STAGED[table])}

    return count


def rejecter(table: str) -> Callable[..., ir.Table]:
    """A node function that gives `table`'s rejected rows; without any it spares the scan."""

    def reject(judged: ir.Table, counts: dict) -> ir.Table:
        found = rows.rejected(judged)
        return found if counts[table]["quarantined"] else found.limit(0)

    return reject


def acceptor(table: str) -> Callable[..., ir.Table]:
    """A node function that gives `table`'s clean rows, once their counts pass."""

    def accept(judged: ir.Table, counts: dict, params: StagingParams) -> ir.Table:
        rows.enforce(table, counts[table], params.ceiling(table))
        return rows.accepted(judged, contracts.STAGED[table])

    return accept
