"""`manage.py reminder_model train|evaluate|compare|score|promote|rollback|retrain|list`: models of who has to be reminded."""

from learning.management.commands._models import ModelCommand


class Command(ModelCommand):
    """The models of the family reminder."""

    help = "Train, measure, compare and promote models of who has to be reminded to pay what is late."
    family = "reminder"
