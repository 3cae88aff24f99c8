"""Parameters of staging."""

from pydantic import BaseModel, ConfigDict, Field


class StagingParams(BaseModel):
    """Per table, the share of rows that may be rejected before the run stops."""

    model_config = ConfigDict(extra="forbid")

    ceilings: dict[str, float] = Field(default_factory=dict)
    default_ceiling: float = Field(0.01, ge=0, le=1)

    def ceiling(self, table: str) -> float:
        return self.ceilings.get(table, self.default_ceiling)
