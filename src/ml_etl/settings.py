"""Kedro's settings: what differs from its defaults, and why."""

import gc
import os
import warnings

from kedro.config import OmegaConfigLoader

from ml_etl.registry.hook import RunRegistryHook
from ml_etl.run.progress import ProgressHook
from ml_etl.run.session import EtlSession
from ml_etl.settings_loader import LOADER_ARGS

# Kedro's own call of a deprecated OmegaConf function, and its dislike of the dots that read `table.column`.
warnings.filterwarnings("ignore", message="register_new_resolver")
warnings.filterwarnings("ignore", message="One or more dataset names contain '.'")
warnings.filterwarnings("ignore", message="Option '--pipeline' is deprecated")

# Expressions are many objects and little garbage: at its default of 700 new objects the collector takes half
# of the time in which queries are compiled.
gc.set_threshold(50_000)

# No telemetry leaves the machine.
os.environ.setdefault("DO_NOT_TRACK", "1")
DISABLE_HOOKS_FOR_PLUGINS = ("kedro-telemetry", "kedro-viz")

HOOKS = (ProgressHook(), RunRegistryHook())

# One run, one id: see ml_etl.run.session.
SESSION_CLASS = EtlSession

CONFIG_LOADER_CLASS = OmegaConfigLoader
CONFIG_LOADER_ARGS = LOADER_ARGS
