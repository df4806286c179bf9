"""Recording answers the simple way, row by row through the state machine: the set-based statement must give the same result."""

from datetime import datetime, timedelta

from payments.gateways.base import ChargeRequest, Outcome
from payments.models import Charge


def write_answers(answers: list[tuple[ChargeRequest, Outcome]], at: datetime) -> tuple[list, list]:
    """Record answers with one read and one write for each; return the keys of the movements that succeeded and failed."""
    succeeded, failed = [], []
    for request, outcome in sorted(answers, key=lambda answer: answer[0].id):
        charge = Charge.objects.select_for_update().get(id=request.id)
        if charge.status not in {"pending", "unknown", "under_way"}:
            continue
        if outcome.status == "succeeded":
            charge.succeed()
            succeeded.append(charge.id)
        elif outcome.status == "failed":
            charge.fail()
            failed.append(charge.id)
        elif outcome.status == "under_way":
            if charge.status != "under_way":
                charge.set_out()
        elif charge.status == "pending":
            charge.lose()
        charge.gateway_ref = outcome.ref or charge.gateway_ref
        charge.failure = outcome.failure
        ended = outcome.status in {"succeeded", "failed"}
        charge.settled_at = at if ended else None
        charge.next_look_at = at + timedelta(hours=6) if charge.status == "under_way" else None
        charge.claimed_until = charge.claimed_until if charge.status == "unknown" else None
        charge.tries += 1
        charge.save()
    return succeeded, failed
