"""A shop's Postgres: one read-only snapshot per landing, streamed in bounded memory."""

from ml_etl.engine.postgres.again import again_when_cut
from ml_etl.engine.postgres.rows import PostgresRows
from ml_etl.engine.postgres.session import Session, one_snapshot, session_of

__all__ = ["PostgresRows", "Session", "again_when_cut", "one_snapshot", "session_of"]
