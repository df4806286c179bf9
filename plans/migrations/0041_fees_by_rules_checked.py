from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """All fees are within what their rule left."""

    dependencies = [
        ("plans", "0040_fees_by_rules"),
    ]

    operations = [
        ValidateConstraint(model_name="fee", name="fee_within_rule"),
    ]
