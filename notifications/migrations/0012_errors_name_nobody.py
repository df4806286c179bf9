from django.db import migrations

# A mail server's refusal repeats the address. Of such an error only its kind is kept.
CLEAN = "UPDATE notifications_message SET error = split_part(error, '(', 1) || '([removed])' WHERE position('@' IN error) > 0"


class Migration(migrations.Migration):
    """Remove addresses from the stored errors of messages, without locking the table."""

    atomic = False

    dependencies = [
        ("notifications", "0011_found_unsent"),
    ]

    operations = [
        migrations.RunSQL(CLEAN, migrations.RunSQL.noop),
    ]
