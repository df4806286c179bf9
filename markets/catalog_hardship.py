"""The settings of markets about people who cannot pay: breathing spaces by law, and what follows when help was refused."""

from django.utils.translation import gettext_lazy as _

from markets.parts import Part, Spec

HARDSHIP: dict[str, Spec] = {
    "hardship.respite": Spec(
        _("Breathing space of who cannot pay"),
        {
            "days": Part(_("Days of a breathing space"), "days", 1, most=366, optional=True),
            "after_days": Part(_("Days after the treatment of a mental health crisis"), "days", 1, most=366, optional=True),
            "hold_days": Part(_("Days to make a plan with a debt adviser"), "days", 1, most=366, optional=True),
            "review_days": Part(_("Days after which it is reviewed"), "days", 1, most=366),
        },
    ),
    "hardship.refused": Spec(
        _("After help was refused"),
        {
            "hold_days": Part(_("Days without further steps"), "days", 0, most=90),
            "body": Part(_("Where people go who do not agree"), "text"),
            "site": Part(_("Web address, without https://"), "text"),
        },
    ),
}
