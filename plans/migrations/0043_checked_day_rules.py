from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Rules for business days are checked in the rows that were there, beside their writers."""

    dependencies = [
        ("plans", "0042_scopes_and_day_rules"),
    ]

    operations = [
        ValidateConstraint(model_name="product", name="product_day_rule_known"),
    ]
