"""The settings of a market about agencies that collect debts."""

from django.utils.translation import gettext_lazy as _

from markets.parts import Part, Spec

AGENCIES: dict[str, Spec] = {
    "agency.conduct": Spec(
        _("Conduct of agencies, beyond which one gets no more debts"),
        {
            "days": Part(_("Counted over days"), "days", 1, most=365),
            "contacts": Part(_("Once it reported contacts"), "number", 1),
            "breaches": Part(_("Most contacts that broke the code, of 1,000"), "number"),
            "complaints": Part(_("Most complaints, of 1,000 debts"), "number"),
        },
    ),
    "agency.placing": Spec(
        _("Debts that were given up are placed with agencies each day"),
        {
            "places": Part(_("They are"), "yes"),
            "most_debts": Part(_("Most new debts of an agency in a day"), "number", 1, optional=True),
            "most_minor": Part(_("Most that is open of its new debts in a day"), "amount", 1, optional=True),
        },
    ),
}
