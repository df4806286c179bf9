"""Features that a case needs and the product does not have yet: such a case neither passes nor fails."""

from simulation.plan_cases.form import Case, Step

OF_CASES = {"fee_policy": "fees", "allocation": "an order of allocation", "charge_off_days": "charge-off"}
OF_STEPS = {
    "fee": "fees",
    "waive": "fees",
    "charge_off": "charge-off",
    "recover": "charge-off",
}
OF_ARGUMENTS = {"value_date": "value dates"}


def needs_of(case: Case) -> list[str]:
    """Return the names of the features that a case needs and the product lacks; empty if the case can run."""
    needs = {need for key, need in OF_CASES.items() if case.raw.get(key)}
    for step in case.steps:
        needs |= set(_needs(step))
    return sorted(needs)


def _needs(step: Step) -> list[str]:
    needs = [need for name, need in OF_ARGUMENTS.items() if step.given.get(name)]
    if step.do in OF_STEPS:
        needs.append(OF_STEPS[step.do])
    return needs
