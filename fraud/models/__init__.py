"""What is kept of fraud: sightings of values, assessments, the network of what people share, and alerts about money laundering."""

from fraud.laundering.models import LaunderingAlert, LaunderingLook, LaunderingReport
from fraud.models.assessments import Assessment
from fraud.models.network import Hub, Label, Link, Member, Ring
from fraud.models.sightings import KEYS, Sighting

__all__ = [
    "KEYS",
    "Assessment",
    "Hub",
    "Label",
    "LaunderingAlert",
    "LaunderingLook",
    "LaunderingReport",
    "Link",
    "Member",
    "Ring",
    "Sighting",
]
