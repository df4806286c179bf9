from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate the kinds of existing turns, without blocking writers."""

    dependencies = [
        ("payments", "0037_owed_again"),
    ]

    operations = [
        ValidateConstraint(model_name="movementevent", name="movement_event_kind_known"),
    ]
