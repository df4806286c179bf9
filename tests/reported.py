"""What a gateway itself recorded, for tests to compare with."""

from collections.abc import Iterator

from payments import gateways
from payments.gateways.base import ReportedCharge


def report_charges(*, reference: str = "", gateway: str = "sandbox") -> Iterator[ReportedCharge]:
    """Yield what a gateway recorded, all charges or those of a reference."""
    return gateways.reports(gateway).report_charges(reference=reference)
