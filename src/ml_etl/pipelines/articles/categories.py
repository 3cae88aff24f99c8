"""From a tree of categories, of any depth, to a path per category."""

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis import _

from ml_etl.errors import ContractError

SEPARATOR = " / "


def tree(categories: ir.Table) -> ir.Table:
    """The end of the lazy part: category_id, name, parent_category_id; thousands of rows at most."""
    return categories.select(
        "category_id", _.name.fill_null(_.category_id).name("name"), "parent_category_id"
    )


def paths(categories: pd.DataFrame) -> pa.Table:
    """Per category its path from the root ("Women / Dresses / Midi") and how deep it lies, 1 at the root.

    A category whose parent is missing starts a path of its own.

    Raises:
        ContractError: the parents form a cycle.
    """
    names = dict(zip(categories["category_id"], categories["name"], strict=True))
    parents = dict(zip(categories["category_id"], categories["parent_category_id"], strict=True))
    lines = {category: _line(category, parents) for category in sorted(names)}
    return pa.table(
        {
            "category_id": pa.array(lines, pa.string()),
            "tree_path": pa.array(
                [SEPARATOR.join(names[c] for c in line) for line in lines.values()], pa.string()
            ),
            "tree_depth": pa.array([len(line) for line in lines.values()], pa.int64()),
        }
    )


def _line(category: str, parents: dict[str, str | None]) -> list[str]:
    """The category's ancestors, the root first, and itself."""
    line = [category]
    while (parent := parents[line[0]]) in parents:
        assert parent is not None
        if parent in line:
            raise ContractError(
                f"categories: {' → '.join([parent, *line])} is a cycle: a category can't be above itself. "
                f"Mend parent_category_id in the source."
            )
        line.insert(0, parent)
    return line
