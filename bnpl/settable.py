"""All settings that operators may change, by app."""

from accounts.settable import SETTINGS as OF_PEOPLE
from checkout.settable import SETTINGS as OF_ORDERS
from collection.settable import SETTINGS as OF_NOTICES
from controls.settable import SETTINGS as OF_CONTROLS
from core.adjusting import Setting
from core.settable import SETTINGS as OF_THE_KERNEL
from credit.settable import SETTINGS as OF_DECISIONS
from fraud.settable import SETTINGS as OF_FRAUD
from learning.settable import SETTINGS as OF_MODELS
from merchants.settable import SETTINGS as OF_SHOPS
from notifications.settable import SETTINGS as OF_LETTERS
from payments.settable import SETTINGS as OF_MONEY
from plans.settable import SETTINGS as OF_PLANS
from reports.settable import SETTINGS as OF_FIGURES
from webhooks.settable import SETTINGS as OF_WEBHOOKS

SETTINGS: list[Setting] = [
    *OF_PEOPLE,
    *OF_DECISIONS,
    *OF_FRAUD,
    *OF_MODELS,
    *OF_ORDERS,
    *OF_MONEY,
    *OF_PLANS,
    *OF_NOTICES,
    *OF_LETTERS,
    *OF_SHOPS,
    *OF_FIGURES,
    *OF_WEBHOOKS,
    *OF_CONTROLS,
    *OF_THE_KERNEL,
]
