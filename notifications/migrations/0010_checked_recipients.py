from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate that each existing message has one recipient, without blocking writers."""

    dependencies = [
        ("notifications", "0009_messages_to_auditors"),
    ]

    operations = [
        ValidateConstraint(model_name="message", name="message_to_one"),
    ]
