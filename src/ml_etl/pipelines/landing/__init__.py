"""landing: the shop's rows, copied once, whichever dataset asks first."""

from ml_etl.pipelines.landing.pipeline import create_pipeline

__all__ = ["create_pipeline"]
