"""Starts what the newest cycle asks for; the one process that owns the job engine looks every few seconds."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection, Engine

from backend.domain.jobs import JobKind, JobRecord
from backend.errors import RoutingMLError
from backend.state.promotion_hold import read_hold
from backend.state.trigger_requests import RequestTakenError, TriggerRequest, open_request, settle

_logger = logging.getLogger(__name__)
Claim: TypeAlias = Callable[[Connection, JobRecord], None]


@dataclass(frozen=True, slots=True)
class TriggerAnswers:
    """Deals with requests: each once, whatever is killed in between."""

    engine: Engine
    start: Callable[[JobKind, TriggerRequest, Claim], JobRecord]
    """Starts a job and calls the claim in the same transaction."""
    is_enabled: bool

    def answer(self) -> None:
        """Start the job that is asked for, or note why it is not; the next cycle asks again where it must."""
        request = open_request(self.engine)
        if request is None:
            return
        try:
            refused = self._refused(request)
            if refused:
                self._pass_over(request, refused)
                return
            job = self.start(request.kind, request, _claim(request))
            _logger.warning(
                "%s asked for a %s: %s. It is %s", request.cycle_id, request.kind, request.reason, job.job_id
            )
        except RoutingMLError as error:
            self._pass_over(request, str(error))
        except RequestTakenError:
            return

    def _refused(self, request: TriggerRequest) -> str | None:
        if not self.is_enabled:
            return "trigger.enabled is off"
        hold = read_hold(self.engine) if request.kind is JobKind.TRAINING else None
        return f"automatic promotion is held since {hold.held_at:%Y-%m-%d %H:%M} UTC" if hold else None

    def _pass_over(self, request: TriggerRequest, reason: str) -> None:
        with self.engine.begin() as connection:
            settle(connection, request.cycle_id, reason)
        _logger.warning("the %s that %s asked for is passed over: %s", request.kind, request.cycle_id, reason)


def _claim(request: TriggerRequest) -> Claim:
    def claim(connection: Connection, job: JobRecord) -> None:
        settle(connection, request.cycle_id, "started", job.job_id)

    return claim
