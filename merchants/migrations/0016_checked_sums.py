from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """The sums of statements are checked in the rows that were there, beside their writers."""

    dependencies = [
        ("merchants", "0015_shop_interest"),
    ]

    operations = [
        ValidateConstraint(model_name="settlement", name="settlement_adds_up"),
    ]
