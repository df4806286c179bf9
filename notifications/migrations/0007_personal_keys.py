import core.crypto
from django.db import migrations


class Migration(migrations.Migration):
    """Encrypt messages to a person with their own key; the column stays."""

    dependencies = [
        ("core", "0011_personal_keys"),
        ("notifications", "0006_queue_of_messages"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="facts",
            field=core.crypto.EncryptedJSONField(blank=True, person="consumer_id"),
        ),
    ]
