import core.crypto
from django.db import migrations


class Migration(migrations.Migration):
    """What is written to a person is encrypted with their own key; the column stays as it is."""

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
