"""What is kept of fraud: sightings of values, assessments, and alerts about money laundering."""

from fraud.laundering.models import LaunderingAlert
from fraud.models.assessments import Assessment
from fraud.models.sightings import KEYS, Sighting

__all__ = ["KEYS", "Assessment", "LaunderingAlert", "Sighting"]
