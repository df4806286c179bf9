"""The states of deliveries, and their transitions."""

from enum import StrEnum

from core.states import Machine


class DeliveryStatus(StrEnum):
    """The status of a delivery: waiting for a try, delivered, or failed for good."""

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
