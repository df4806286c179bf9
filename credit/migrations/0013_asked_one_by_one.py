from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Let each source have an open inquiry about a person, and add indexes to find the answers and the decisions of a month."""

    # The indexes are made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("credit", "0012_answers_of_several_sources"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS inquiry_one_open_each"
                    " ON credit_inquiry (consumer_id, currency, provider) WHERE answered_at IS NULL",
                    "DROP INDEX CONCURRENTLY IF EXISTS inquiry_one_open_each",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS inquiry_one_open",
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS inquiry_one_open"
                    " ON credit_inquiry (consumer_id, currency) WHERE answered_at IS NULL",
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint(model_name="inquiry", name="inquiry_one_open"),
                migrations.AddConstraint(
                    model_name="inquiry",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(answered_at__isnull=True),
                        fields=["consumer", "currency", "provider"],
                        name="inquiry_one_open_each",
                    ),
                ),
            ],
        ),
        AddIndexConcurrently(
            model_name="inquiry",
            index=models.Index(fields=["answered_at"], name="inquiry_by_answer", condition=models.Q(answered_at__isnull=False)),
        ),
        AddIndexConcurrently(model_name="decision", index=models.Index(fields=["at"], name="decision_by_time")),
    ]
