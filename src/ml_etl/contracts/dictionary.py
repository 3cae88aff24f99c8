"""The data dictionary, generated from the contracts: `make docs`."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ml_etl.contracts.columns import Column, Contract, Rule
from ml_etl.contracts.source import SOURCE


def render() -> str:
    """Markdown: the source schema, the staged tables with their rules, the released tables."""
    from ml_etl.pipelines.staging.contracts import STAGED

    parts = ["# Data dictionary", "Generated from the contracts by `make docs`; change them, not this file."]
    parts += ["## The source: what a shop may bring", _SOURCE]
    for table in SOURCE.values():
        how = (
            f"landed incrementally by {' or '.join(table.cursor)}" if table.cursor else "landed as snapshots"
        )
        need = "required" if table.required else "optional"
        parts += [f"### {table.name} ({need}; {how})", _columns(table.columns, required=True)]
    parts.append("## Staged tables: typed and judged")
    for staged in STAGED.values():
        parts += [f"### {staged.table}", _sentence(staged.grain)]
        parts += [
            "Rejected into quarantine:",
            _rules(staged.rules),
            "Counted and kept:",
            _rules(staged.notes),
        ]
    for dataset, contracts in released_contracts().items():
        parts.append(f"## {dataset}")
        for contract in contracts:
            key = ", ".join(contract.key)
            parts += [
                f"### {contract.table}",
                f"{_sentence(contract.grain)} Key: {key}.",
                _columns(contract.columns),
            ]
            parts += ["Must hold, or nothing is released:", _rules(contract.rules)]
    parts += ["### What rejects an event", _rules(_of_events()), "Later rows that repeat an id are counted."]
    return "\n\n".join(part for part in parts if part) + "\n"


def released_contracts() -> dict[str, Sequence[Contract]]:
    from ml_etl.pipelines.articles import contracts as articles
    from ml_etl.pipelines.customers import contracts as customers
    from ml_etl.pipelines.embeddings import contracts as embeddings
    from ml_etl.pipelines.events import funnel_contracts
    from ml_etl.pipelines.events.params import FunnelParams
    from ml_etl.pipelines.interactions import contracts as interactions
    from ml_etl.pipelines.reviews import contracts as reviews
    from ml_etl.pipelines.timeseries import contracts, forecast_contracts

    return {
        "interactions": interactions.RELEASED,
        "articles": articles.RELEASED,
        "embeddings": embeddings.RELEASED,
        "customers": customers.RELEASED,
        "reviews": reviews.RELEASED,
        "timeseries": (*contracts.SALES, *forecast_contracts.ANALYSED),
        "events": funnel_contracts.released_contracts(FunnelParams.usual()),
    }


def _of_events() -> Sequence[Rule]:
    from ml_etl.pipelines.events.params import RuleParams
    from ml_etl.pipelines.events.rules import rules

    return rules(RuleParams.usual())


_SOURCE = (
    "Columns that are not listed (names, e-mails, addresses) are never read. A missing optional table or "
    "column is null; a missing required one, or one of another type, stops the run. Of transactions, `t_dat` "
    "or `timestamp` is needed."
)


def _columns(columns: Sequence[Column], required: bool = False) -> str:
    head = "| column | type | unit | meaning |" + (" required |" if required else "")
    rule = "|---|---|---|---|" + ("---|" if required else "")
    rows = [
        f"| {c.name} | {c.type} | {c.unit} | {c.meaning} |" + (f" {'yes' if c.required else ''} |" * required)
        for c in columns
    ]
    return "\n".join([head, rule, *rows])


def _rules(rules: Iterable[Rule]) -> str:
    return "\n".join(f"- `{rule.name}`: {rule.meaning}" for rule in rules) or "- none"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), "utf-8")
