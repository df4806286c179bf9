from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """That the shop pays interest is checked in the rows that were there, beside their writers."""

    dependencies = [
        ("plans", "0058_shop_interest"),
    ]

    operations = [
        ValidateConstraint(model_name="product", name="product_shop_pays"),
    ]
