"""Payment methods and every movement at a gateway. This app knows no plans: it stores opaque references."""

from payments.models.authorizations import Authorization
from payments.models.breaks import Break
from payments.models.charges import Charge
from payments.models.customers import GatewayCustomer
from payments.models.disputes import Dispute
from payments.models.events import EventReading, GatewayEvent
from payments.models.methods import MethodKind, PaymentMethod
from payments.models.movements import Movement
from payments.models.payouts import Payout
from payments.models.refunds import Refund
from payments.models.setups import CardSetup
from payments.models.transfers import Transfer
from payments.models.tries import CardTry
from payments.models.turns import MovementEvent, Turn

__all__ = [
    "Authorization",
    "Break",
    "CardSetup",
    "CardTry",
    "Charge",
    "Dispute",
    "EventReading",
    "GatewayCustomer",
    "GatewayEvent",
    "MethodKind",
    "Movement",
    "MovementEvent",
    "PaymentMethod",
    "Payout",
    "Refund",
    "Transfer",
    "Turn",
]
