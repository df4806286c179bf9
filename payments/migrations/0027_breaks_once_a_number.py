from django.db import migrations

# An index left by an interrupted run may be invalid.
CLEAR = "DROP INDEX CONCURRENTLY IF EXISTS break_once_new"
SWAP = "ALTER TABLE payments_break DROP CONSTRAINT break_once, ADD CONSTRAINT break_once UNIQUE USING INDEX break_once_new"


class Migration(migrations.Migration):
    """Make breaks unique by movement, kind and number, instead of movement and kind; a repeated run makes the index again."""

    atomic = False

    dependencies = [
        ("payments", "0026_unanswered"),
    ]

    operations = [
        migrations.RunSQL(CLEAR, SWAP),
        migrations.RunSQL(
            "CREATE UNIQUE INDEX CONCURRENTLY break_once_new ON payments_break (kind, subject, number)",
            "CREATE UNIQUE INDEX CONCURRENTLY break_once_new ON payments_break (kind, subject)",
        ),
        migrations.RunSQL(SWAP, CLEAR),
    ]
