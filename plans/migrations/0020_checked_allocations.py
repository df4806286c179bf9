from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """What is taken back of an allocation is checked in the rows that were there, beside their writers."""

    dependencies = [
        ("plans", "0019_offered_since"),
    ]

    operations = [
        ValidateConstraint(model_name="allocation", name="allocation_undone_within"),
    ]
