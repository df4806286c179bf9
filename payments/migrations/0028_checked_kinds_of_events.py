from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """The kinds of the events that were there are checked, beside their writers."""

    dependencies = [
        ("payments", "0027_breaks_once_a_number"),
    ]

    operations = [
        ValidateConstraint(model_name="movementevent", name="movement_event_kind_known"),
    ]
