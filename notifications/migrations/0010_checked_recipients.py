from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """The messages that were there are checked to be to one recipient, beside their writers."""

    dependencies = [
        ("notifications", "0009_messages_to_auditors"),
    ]

    operations = [
        ValidateConstraint(model_name="message", name="message_to_one"),
    ]
