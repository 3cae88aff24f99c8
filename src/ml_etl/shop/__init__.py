"""Shops to run on: the real demo shop, H&M's files, a folder of files of one's own, and a Postgres."""

from ml_etl.shop.events import EventSource
from ml_etl.shop.postgres import PostgresTable
from ml_etl.shop.postgres_events import PostgresEvents
from ml_etl.shop.table import SourceTable

__all__ = ["EventSource", "PostgresEvents", "PostgresTable", "SourceTable"]
