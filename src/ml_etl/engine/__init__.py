"""The only room that knows an engine's driver, and the catalog types that read and write with it."""

from ml_etl.engine.config import Engine, engine_of
from ml_etl.engine.faults import faults
from ml_etl.engine.landed import LandedTable
from ml_etl.engine.memory import Frame, Keys, Measures, Scratch, ScratchParts
from ml_etl.engine.postgres import PostgresRows, again_when_cut, one_snapshot, session_of
from ml_etl.engine.quarantine import QuarantineTable

__all__ = [
    "Engine",
    "Frame",
    "Keys",
    "LandedTable",
    "Measures",
    "PostgresRows",
    "QuarantineTable",
    "Scratch",
    "ScratchParts",
    "again_when_cut",
    "engine_of",
    "faults",
    "one_snapshot",
    "session_of",
]
