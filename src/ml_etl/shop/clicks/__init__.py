"""A simulated clickstream around real baskets: plumbing, never evidence."""

from ml_etl.shop.clicks.simulate import Rates, simulate

__all__ = ["Rates", "simulate"]
