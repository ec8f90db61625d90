"""GET /api/system: what an operator asks first."""

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from backend.api.schemas.system import System
from backend.api.services import ServicesDep
from backend.api.system_facts import ask_plant_database, system_facts

router = APIRouter(prefix="/api/system", tags=["operating"])


@router.get("")
async def system(services: ServicesDep) -> System:
    """Say what this server is, holds and stands on: versions, processes, disks, databases, model, queues.

    Parts that are away are told as such; what to do about them is in /health too.
    """
    plant = await ask_plant_database(services)
    return await run_in_threadpool(system_facts, services, plant)
