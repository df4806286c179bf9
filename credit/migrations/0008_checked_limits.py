from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate the limits of existing credit lines, without blocking writers."""

    dependencies = [
        ("credit", "0007_limits_by_hand"),
    ]

    operations = [
        ValidateConstraint(model_name="creditline", name="credit_line_within_limit"),
    ]
