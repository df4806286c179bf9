"""What is kept of fraud: sightings of values, and assessments."""

from fraud.models.assessments import Assessment
from fraud.models.sightings import KEYS, Sighting

__all__ = ["KEYS", "Assessment", "Sighting"]
