from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Labels of fraud are found by shop, and a permission lets operators see the risk of shops."""

    # The index is made beside running writers.
    atomic = False

    dependencies = [
        ("fraud", "0012_acts_on_accounts"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="fraudcase",
            options={
                "permissions": [("view_shoprisk", "Can see whose shops' orders go bad")],
                "verbose_name": "fraud case",
                "verbose_name_plural": "fraud desk",
            },
        ),
        AddIndexConcurrently(
            model_name="label",
            index=models.Index(
                fields=["merchant", "-at"],
                condition=models.Q(("ended_at", None), ("is_fraud", True), models.Q(("merchant", ""), _negated=True)),
                name="label_of_shop",
            ),
        ),
    ]
