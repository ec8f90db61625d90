"""GET /api/data/quarantine: which rows of the plant could not be trusted."""

from typing import Any

from fastapi import APIRouter

from backend.api.schemas.plant import QuarantineList
from backend.api.services import StateDep
from backend.monitoring.cycles import read_quarantine

router = APIRouter(prefix="/api/data", tags=["data"])


@router.get("/quarantine", response_model=QuarantineList)
def quarantine(state: StateDep) -> dict[str, Any]:
    """Count the rows that the last full read of the plant set aside, by table and reason."""
    rows = read_quarantine(state)
    return {"quarantine": rows, "total_rows": sum(row["rows"] for row in rows)}
