from django.db import migrations


class Migration(migrations.Migration):
    """Add the permission to send messages again."""

    dependencies = [
        ("notifications", "0007_personal_keys"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="message",
            options={"permissions": [("resend_message", "Can send messages to people once more")]},
        ),
    ]
