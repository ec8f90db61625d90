"""Checks of the loop: what holds automatic promotion, and what became of the job that an evaluation asked for."""

from collections.abc import Iterator

from sqlalchemy import Engine

from backend.cli.doctor.finding import Finding, Verdict
from backend.monitoring.cycles import latest_cycle
from backend.state.promotion_hold import read_hold


def check_loop(engine: Engine) -> Iterator[Finding]:
    """Say where the loop waits for a person, and what the newest evaluation decided."""
    if hold := read_hold(engine):
        detail = f"automatic trainings promote nothing since {hold.held_at:%Y-%m-%d %H:%M} UTC: {hold.reason}"
        remedy = "Find out why that version was worse, then 'routing-ml models release'."
        yield Finding("promotion", Verdict.WARNING, detail, remedy)
    trigger = (latest_cycle(engine) or {}).get("trigger")
    if trigger is None:
        return
    told, request = f"{trigger['action']}: {trigger['reason']}", trigger["request"]
    if request and request["outcome"] and not request["job_id"]:
        detail = f"{told}. The {request['kind']} was not started: {request['outcome']}"
        remedy = (
            "Remove that cause and the next evaluation asks again, or start it: 'routing-ml quality show' says more."
        )
        yield Finding("trigger", Verdict.WARNING, detail, remedy)
    else:
        yield Finding("trigger", Verdict.NOTE if trigger["alarm"] else Verdict.OK, told)
