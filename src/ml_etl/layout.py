"""Where things lie on disk, and nothing else."""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Layout:
    """The folders of one shop below the data folder; relative paths are the project's."""

    data: Path
    shop: str

    @classmethod
    def of(cls, data: str | Path, shop: str) -> "Layout":
        return cls((PROJECT / data).resolve(), shop)

    @property
    def raw(self) -> Path:
        return self.data / "01_raw" / self.shop

    @property
    def landing(self) -> Path:
        return self.data / "02_intermediate" / self.shop / "landing"

    @property
    def quarantine(self) -> Path:
        return self.data / "02_intermediate" / self.shop / "quarantine"

    @property
    def vectors(self) -> Path:
        """The cache of encoded contents; shops share it, since it is keyed by content."""
        return self.data / "04_feature" / "vectors.db"

    @property
    def precisions(self) -> Path:
        """What was decided for precision `auto`, by machine and model."""
        return self.data / "04_feature" / "precisions.json"

    @property
    def replayed(self) -> Path:
        return self.data / "02_intermediate" / self.shop / "replayed"

    @property
    def releases(self) -> Path:
        return self.data / "05_model_input" / self.shop

    @property
    def registry(self) -> Path:
        return self.data / "08_reporting" / "etl_runs.db"

    @property
    def mlflow(self) -> Path:
        return self.data / "08_reporting" / "mlflow.db"

    @property
    def mlflow_files(self) -> Path:
        return self.data / "08_reporting" / "mlflow"

    @property
    def spill(self) -> Path:
        return self.data / ".spill"
