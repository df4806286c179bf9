"""`manage.py credit_model train|evaluate|compare|score|promote|rollback|retrain|list`: models of credit risk."""

from learning.management.commands._models import ModelCommand


class Command(ModelCommand):
    """The models of the family credit."""

    help = "Train, measure, compare and promote models of credit risk."
    family = "credit"
