"""How long sightings, acts on accounts, links, and alerts about money laundering are kept."""

from django.utils.translation import gettext_noop

from core.retention import Retention
from fraud.models import AccountAct, Hub, LaunderingAlert, LaunderingReport, Link, Sighting
from fraud.states import AlertStatus

_LINKS, _WHY = "BNPL_KEEP_LINKS_DAYS", "Rings of fraud are found months later."
_OFFICERS = "The law asks for what the money laundering desk found for five years."
RETENTIONS = [
    Retention(Sighting, "at", "BNPL_KEEP_SIGHTINGS_DAYS", 31, gettext_noop("Signals look back 30 days.")),
    Retention(AccountAct, "at", "BNPL_KEEP_SIGHTINGS_DAYS", 31, gettext_noop("Signals look back 30 days.")),
    Retention(
        LaunderingReport,
        "made_at",
        "BNPL_KEEP_LAUNDERING_DAYS",
        1_827,
        _OFFICERS,
        function="forget_laundering_reports",
    ),
    Retention(
        LaunderingAlert,
        "raised_at",
        "BNPL_KEEP_LAUNDERING_DAYS",
        1_827,
        _OFFICERS,
        done=f"r.status <> '{AlertStatus.OPEN}'",
        function="forget_laundering_alerts",
    ),
    Retention(Link, "last_at", _LINKS, 180, _WHY),
    Retention(Hub, "since", _LINKS, 180, _WHY),
]
