"""Who needs how much reminding: the classes of a late person by a model's risk, and by what their steps go."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from collection.settable import NEED_CALL, NEED_FIRM, NEED_LIGHT
from core.adjusting import value_of
from core.sentences import Text


class Need(StrEnum):
    """How much reminding a late person needs: none before long, a light hand, a firm one, a call."""

    SELF = "self"
    LIGHT = "light"
    FIRM = "firm"
    CALL = "call"


NEEDS: Mapping[Need, Text] = {
    Need.SELF: _("Pays by themselves"),
    Need.LIGHT: _("Light hand"),
    Need.FIRM: _("Firm hand"),
    Need.CALL: _("Needs a call"),
}


class Arm(StrEnum):
    """By what the steps of a late person go: the table of the market, the model that has the role, or the one that is tried beside it."""

    TABLE = "table"
    CHAMPION = "champion"
    CHALLENGER = "challenger"


ARMS: Mapping[Arm, Text] = {
    Arm.TABLE: _("Table of the market"),
    Arm.CHAMPION: _("Model (champion)"),
    Arm.CHALLENGER: _("Model (challenger)"),
}
NEED_CHOICES = [(key.value, title) for key, title in NEEDS.items()]
ARM_CHOICES = [(key.value, title) for key, title in ARMS.items()]


def need_of(risk_bps: int) -> Need:
    """Return the class of a risk of not paying, in basis points, by the bounds that operators set."""
    bounds = ((NEED_CALL, Need.CALL), (NEED_FIRM, Need.FIRM), (NEED_LIGHT, Need.LIGHT))
    return next((need for bound, need in bounds if risk_bps >= value_of(bound) * 100), Need.SELF)
