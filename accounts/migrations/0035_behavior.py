from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Accounts hold what rules let them do while their person is late."""

    # The index is made beside other work.
    atomic = False

    dependencies = [
        ("accounts", "0034_support_flags"),
    ]

    operations = [
        migrations.AddField(
            model_name="consumer",
            name="behavior",
            field=models.JSONField(blank=True, db_default=models.Value({}, output_field=models.JSONField()), default=dict),
        ),
        AddIndexConcurrently(
            model_name="consumer",
            index=models.Index(condition=models.Q(("behavior", {}), _negated=True), fields=["id"], name="consumer_behaving"),
        ),
    ]
