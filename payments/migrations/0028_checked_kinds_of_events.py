from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate the kinds of existing events, without blocking writers."""

    dependencies = [
        ("payments", "0027_breaks_once_a_number"),
    ]

    operations = [
        ValidateConstraint(model_name="movementevent", name="movement_event_kind_known"),
    ]
