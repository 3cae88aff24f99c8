"""From landed tables to judged ones: a function per table, then what is the same for all."""

from collections.abc import Callable, Collection
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf, day_of
from ml_etl.contracts import rows
from ml_etl.joins import beside
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


def judge_articles(landed: ir.Table, as_of: AsOf, repeats: Repeats) -> ir.Table:
    """One row per landed article of the newest snapshot known, judged."""
    known = complete(newest_known(landed, as_of), "articles")
    table = typed(_numbered(known, "article"), contracts.ARTICLES).mutate(
        created_on=day_in(_.created_at, as_of),
        is_merchandise=_.is_merchandise.fill_null(True),
        in_catalogue=_.in_catalogue.fill_null(True),
        landed_late=_.landed_at >= ibis.literal(as_of.moment.replace(tzinfo=None)),
    )
    order = contracts.NEWEST_FIRST["articles"]
    return rows.judge(table, contracts.ARTICLES, order, unique=not repeats["articles"]["keys"])


def judge_categories(landed: ir.Table, as_of: AsOf, repeats: Repeats) -> ir.Table:
    """One row per landed category of the newest snapshot known, judged."""
    table = complete(newest_known(landed, as_of), "categories").mutate(
        landed_late=_.landed_at >= ibis.literal(as_of.moment.replace(tzinfo=None)),
    )
    parents = table.select(parent_category_id=_.category_id, parent_known=True).distinct()
    table = table.left_join(parents, "parent_category_id")
    missing = table.parent_category_id.notnull() & table.parent_known.isnull()
    table = table.mutate(parent_missing=missing)
    return rows.judge(table, contracts.CATEGORIES, unique=not repeats["categories"]["keys"])


def judge_customers(landed: ir.Table, as_of: AsOf, repeats: Repeats) -> ir.Table:
    """One row per landed customer of the newest snapshot known, judged."""
    snapshot = _numbered(complete(newest_known(landed, as_of), "customers"), "customer")
    known = snapshot.mutate(given_age=_.age.try_cast("int64"))
    plausible = (known.given_age >= YOUNGEST) & (known.given_age <= OLDEST)
    table = known.mutate(age=ibis.ifelse(plausible, known.given_age, None)).mutate(
        age_band=_.age_band.fill_null(band_of(_.age)),
        landed_late=_.landed_at >= ibis.literal(as_of.moment.replace(tzinfo=None)),
    )
    return rows.judge(table, contracts.CUSTOMERS, unique=not repeats["customers"]["keys"])


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
    table = _by_monday(complete(newest_known(landed, as_of), "promo")).mutate(
        landed_late=_.landed_at >= ibis.literal(as_of.moment.replace(tzinfo=None)),
    )
    table = table.filter((_.week < ibis.literal(as_of.day)) | _.week.isnull())
    known = articles.select("article_id", article_known=True)
    table = table.left_join(known, "article_id").mutate(article_unknown=_.article_known.isnull())
    return rows.judge(table, contracts.PROMO, unique=not repeats["promo"]["keys"])


def _by_monday(promo: ir.Table) -> ir.Table:
    """Promotions whose `week` is its Monday."""
    return promo.mutate(week=_.week.truncate("W").cast("date"))


def _numbered(table: ir.Table, of: str) -> ir.Table:
    """With `OF_number`, the place of OF_id among all, equal ids alike: whole numbers are grouped faster.

    The ids are numbered by themselves: whole rows would be carried through the sort.
    """
    ids = table.filter(_[f"{of}_id"].notnull()).select(f"{of}_id").distinct()
    numbers = ids.mutate(**{f"{of}_number": ibis.row_number().over(ibis.window(order_by=f"{of}_id"))})
    return beside(table, numbers, on=f"{of}_id")


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


def judge(table: str) -> Callable[..., ir.Table]:
    """A node function that judges `table`'s rows, with the columns that are read for `building`."""
    whole, _refers_to = JUDGES[table]

    def narrowed(building: Collection[str], *given: Any) -> ir.Table:
        return rows.narrowed(whole(*given), contracts.STAGED[table], building)

    return narrowed


def repeat_counter(table: str) -> Callable[..., dict[str, ir.Table]]:
    """A node function that counts the keys of `table` that come more than once.

    Whole rows are sorted by their key only where one does.
    """
    key = (contracts.LINES if table == "transactions" else contracts.STAGED[table]).key

    def count_repeats(landed: ir.Table, as_of: AsOf) -> dict[str, ir.Table]:
        known = complete(newest_known(landed, as_of), table)
        keyed = _by_monday(known) if table == "promo" else known
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
