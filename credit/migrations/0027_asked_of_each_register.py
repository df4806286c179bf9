from django.db import migrations, models


class Migration(migrations.Migration):
    """Let an account have an open inquiry about a person for each register that it asks."""

    # The index is made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("credit", "0026_registers_of_remarks"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS inquiry_one_open_of_each"
                    " ON credit_inquiry (consumer_id, currency, provider, register) WHERE answered_at IS NULL",
                    "DROP INDEX CONCURRENTLY IF EXISTS inquiry_one_open_of_each",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS inquiry_one_open_each",
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS inquiry_one_open_each"
                    " ON credit_inquiry (consumer_id, currency, provider) WHERE answered_at IS NULL",
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint(model_name="inquiry", name="inquiry_one_open_each"),
                migrations.AddConstraint(
                    model_name="inquiry",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(answered_at__isnull=True),
                        fields=["consumer", "currency", "provider", "register"],
                        name="inquiry_one_open_of_each",
                    ),
                ),
            ],
        ),
    ]
