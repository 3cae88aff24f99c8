"""A shop like H&M's at any size: seeded, with its own truth, straight to Parquet."""

from ml_etl.shop.simulator.plan import Plan
from ml_etl.shop.simulator.write import simulate_shop

__all__ = ["Plan", "simulate_shop"]
