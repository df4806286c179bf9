from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """The kinds of the turns that were there are checked, beside their writers."""

    dependencies = [
        ("payments", "0034_made_after_all"),
    ]

    operations = [
        ValidateConstraint(model_name="movementevent", name="movement_event_kind_known"),
    ]
