from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """That a return is of something is checked in the rows that were there, beside their writers."""

    dependencies = [
        ("plans", "0064_fee_credits_checked"),
    ]

    operations = [
        ValidateConstraint(model_name="goodsreturn", name="goods_return_of_something"),
    ]
