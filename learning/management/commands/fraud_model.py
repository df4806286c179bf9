"""`manage.py fraud_model train|evaluate|compare|score|promote|rollback|retrain|list`: models of fraud risk."""

from learning.management.commands._models import ModelCommand


class Command(ModelCommand):
    """The models of the family fraud."""

    help = "Train, measure, compare and promote models of fraud risk."
    family = "fraud"
