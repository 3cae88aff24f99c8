"""What must hold of the data: the source's tables, row rules, table rules, and the dictionary of both."""

from ml_etl.contracts.columns import MONEY, MONEY_SUM, Column, Contract, Rule
from ml_etl.contracts.source import SOURCE, SourceTable

__all__ = ["MONEY", "MONEY_SUM", "SOURCE", "Column", "Contract", "Rule", "SourceTable"]
