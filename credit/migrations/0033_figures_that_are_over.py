from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Readings whose figures are to be forgotten are found by their age."""

    # The index is made beside running writers.
    atomic = False

    dependencies = [
        ("credit", "0032_found_by_holder"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="bankaccess",
            index=models.Index(fields=["started_at"], name="bank_access_read", condition=models.Q(read_at__isnull=False)),
        ),
    ]
