"""The engine's settings, as the project has them, for SQL that is to have the same."""

import os
import re
from pathlib import Path

import yaml

_CONF = Path(__file__).parents[1] / "conf" / "base" / "globals.yml"


def memory_limit() -> str:
    """What ML_ETL_MEMORY_LIMIT says, or the default that stands in the configuration."""
    engine = yaml.safe_load(_CONF.read_text("utf-8"))["engine"]
    default = re.fullmatch(r"\$\{env:ML_ETL_MEMORY_LIMIT,(\w+)\}", engine["memory_limit"])
    assert default, engine
    return os.environ.get("ML_ETL_MEMORY_LIMIT", default[1])
