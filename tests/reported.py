"""A gateway's own records, for tests to compare with."""

from collections.abc import Iterator

from payments import gateways
from payments.gateways.base import ReportedCharge, Reports


def report_charges(*, reference: str = "", gateway: str = "sandbox") -> Iterator[ReportedCharge]:
    """Yield the gateway's recorded charges, all or those of a reference."""
    return gateways.connect(gateway, Reports).report_charges(reference=reference)
