"""How long tables are kept that were uploaded for a training and not yet learned from."""

from core.retention import Retention
from core.states import words
from learning.models import TablePart
from learning.states import TRAINING_OPEN

_IDLE = f"NOT EXISTS (SELECT 1 FROM learning_training t WHERE t.id = r.training_id AND t.status IN ({words(TRAINING_OPEN)}))"  # noqa: S608
_WHY = "A training that is prepared today is asked for tomorrow."
RETENTIONS = [Retention(TablePart, "added_at", "BNPL_KEEP_TABLES_DAYS", 1, _WHY, done=_IDLE)]
