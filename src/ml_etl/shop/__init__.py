"""Shops to run on: the real demo shop, H&M's files, and a folder of files of one's own."""

from ml_etl.shop.events import EventSource
from ml_etl.shop.table import SourceTable

__all__ = ["EventSource", "SourceTable"]
