"""The network of shared devices, cards, addresses, phones, e-mail addresses and internet addresses (ADR 0061)."""

from fraud.network.queries import Standing, neighborhood, standing
from fraud.network.services import link

__all__ = ["Standing", "link", "neighborhood", "standing"]
