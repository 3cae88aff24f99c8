"""timeseries: sales by day and week, their features, what is trending, their seasons and their forecasts."""

from ml_etl.pipelines.timeseries.pipeline import create_pipeline

__all__ = ["create_pipeline"]
