"""In which states a delivery can be, and what leads from one to another."""

from enum import StrEnum

from core.states import Machine


class DeliveryStatus(StrEnum):
    """Where a delivery stands: it is being tried, the endpoint took it, or it was given up."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


DELIVERY = Machine(
    DeliveryStatus,
    initial=[DeliveryStatus.WAITING],
    transitions={
        "deliver": ([DeliveryStatus.WAITING], DeliveryStatus.DELIVERED),
        "fail": ([DeliveryStatus.WAITING], DeliveryStatus.FAILED),
        "resend": (list(DeliveryStatus), DeliveryStatus.WAITING),
    },
)
