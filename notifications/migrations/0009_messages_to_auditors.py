from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Allow messages about the audit log to an address in the settings; existing rows meet the stricter old rule."""

    dependencies = [
        ("notifications", "0008_sent_once_more"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="message", name="message_to_one"),
        AddConstraintNotValid(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("consumer__isnull", False), ("user__isnull", False), _connector="XOR"),
                    models.Q(("consumer", None), ("kind", "day_anchored"), ("user", None)),
                    _connector="OR",
                ),
                name="message_to_one",
            ),
        ),
    ]
