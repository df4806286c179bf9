from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Codes and tries of passwords are found by their age."""

    # The indexes are made beside running writers.
    atomic = False

    dependencies = [
        ("accounts", "0009_logs_of_sign_ins_stay"),
    ]

    operations = [
        AddIndexConcurrently(model_name="signincode", index=models.Index(fields=["sent_at"], name="sign_in_code_age")),
        # A table of a library.
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS accessattempt_age ON axes_accessattempt (attempt_time)",
            "DROP INDEX CONCURRENTLY IF EXISTS accessattempt_age",
        ),
    ]
