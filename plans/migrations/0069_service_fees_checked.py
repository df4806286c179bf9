from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """That a service fee is none or one with its parts is checked in the rows that were there, beside their writers."""

    dependencies = [
        ("plans", "0068_service_fees"),
    ]

    operations = [
        ValidateConstraint(model_name="product", name="product_service_fee"),
    ]
