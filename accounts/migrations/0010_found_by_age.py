from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add indexes to find codes and password tries by age."""

    # The indexes are made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("accounts", "0009_logs_of_sign_ins_stay"),
    ]

    operations = [
        AddIndexConcurrently(model_name="signincode", index=models.Index(fields=["sent_at"], name="sign_in_code_age")),
        # The table belongs to a library.
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS accessattempt_age ON axes_accessattempt (attempt_time)",
            "DROP INDEX CONCURRENTLY IF EXISTS accessattempt_age",
        ),
    ]
