"""Running cases: each in a transaction of its own that is rolled back, so that nothing is stored."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from collection import services as collection
from controls.services.ruling import forget_rules, keep_none
from core.db import undone
from core.errors import DomainError
from markets import queries as markets
from payments import gateways
from reports.books.ledger import check_entries
from reports.books.people import check_deposits, check_late_fees, check_limits, check_losses, check_receivables
from simulation.plan_cases.comparing import differences
from simulation.plan_cases.form import Case, Step, read_case
from simulation.plan_cases.gateway import CaseGateway
from simulation.plan_cases.state import State, read_state
from simulation.plan_cases.steps import STEPS
from simulation.plan_cases.world import World, build_world


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a case: its differences from the expectation."""

    name: str
    faults: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether it matched the expectation."""
        return not self.faults


def run_cases(cases: Iterable[Mapping[str, Any]]) -> Iterator[Result]:
    """Run cases one after the other; an error in one becomes a fault of that case, never an exception."""
    for raw in cases:
        name = str(raw.get("name", "?")) if isinstance(raw, Mapping) else "?"
        try:
            yield run_case(read_case(raw))
        except Exception as error:  # noqa: BLE001  (a case that cannot be read or lived is a miss, and the next one is tried)
            yield Result(name, faults=[f"{type(error).__name__}: {error}"])


def run_case(case: Case, look: Callable[[], Iterable[str]] = tuple) -> Result:
    """Run a case and roll it back; the faults that `look` finds in what it left, before that, are faults of the case."""
    with rolled_back() as gateway:
        return Result(case.name, faults=[*_live(build_world(case, gateway)), *look()])


def books_apart() -> list[str]:
    """Return where the ledger and the plans differ; what the gateway says is left out, since that of the cases keeps nothing."""
    checks = [check_entries(), check_receivables(), check_deposits(), check_late_fees(), check_losses(), check_limits()]
    return [f"{check.name}: {wrong}" for check in checks for wrong in check.offenders]


@contextmanager
def rolled_back() -> Iterator[CaseGateway]:
    """Yield a gateway that replaces the installation's own, inside a transaction that is rolled back and has no operators' rules."""
    gateway = CaseGateway()
    keep_none()
    gateways.use("sandbox", gateway)
    try:
        with undone():
            yield gateway
    finally:
        gateways.forget()
        markets.forget()
        markets.fee_rows.forget()
        markets.order_rows.forget()
        forget_rules()


def _live(world: World) -> Iterator[str]:
    """Take each step on its date, with each day before it closed, and yield the differences."""
    for step in world.case.steps:
        world.live_until(step.on)
        at = world.begin(step.on)
        if step.do in {"collect", "fail"}:
            at = world.wait_for_retries(step)
        for key in world.orders:
            collection.mark_plan_overdue(plan_id=world.orders[key].plan_id, at=at)
        yield from (f"{step.id}: {fault}" for fault in _take(world, step, at))
    if world.case.steps and world.case.end:
        yield from (f"end: {fault}" for fault in differences(world.case.end, read_state(world, world.case.steps[-1].on)))


def _take(world: World, step: Step, at: Any) -> Iterator[str]:
    act = STEPS.get(step.do)
    if act is None:
        yield f"there is no step {step.do}"
        return
    before = read_state(world, step.on) if "refused" in step.expect else {}
    did: State = {}
    try:
        did = act(world, step, at)
    except DomainError as error:
        did = {"refused": error.code}
    after = read_state(world, step.on)
    if "refused" in did and "refused" not in step.expect:
        yield f"refused: {did['refused']}"
    if "refused" in step.expect and before != after:
        yield "it was to be refused, and something changed"
    yield from differences(step.expect, {"refused": None, **did, **after})
