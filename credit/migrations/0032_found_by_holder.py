from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Readings are found by their accounts' marks, and those that an operator has to look at by their age."""

    # The indexes are made beside running writers.
    atomic = False

    dependencies = [
        ("credit", "0031_holders_of_accounts"),
    ]

    operations = [
        AddIndexConcurrently(model_name="bankaccess", index=GinIndex(fields=["marks"], name="bank_access_by_mark")),
        AddIndexConcurrently(
            model_name="bankaccess",
            index=models.Index(fields=["read_at"], name="bank_access_doubted", condition=models.Q(holder__in=("other", "shared"))),
        ),
    ]
