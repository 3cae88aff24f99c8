"""customers: who they are, what they bought of late, RFM, segments and what they will be worth."""

from ml_etl.pipelines.customers.pipeline import create_pipeline

__all__ = ["create_pipeline"]
