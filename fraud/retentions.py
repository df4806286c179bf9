"""How long sightings are kept."""

from core.retention import Retention
from fraud.models import Sighting

RETENTIONS = [Retention(Sighting, "at", "BNPL_KEEP_SIGHTINGS_DAYS", 31, "Signals look back 30 days.")]
