import core.crypto
from django.db import migrations


class Migration(migrations.Migration):
    """Encrypt each person's data with their own key; the columns stay."""

    dependencies = [
        ("core", "0011_personal_keys"),
        ("accounts", "0013_who_sent_codes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="consumer",
            name="address",
            field=core.crypto.EncryptedJSONField(blank=True, person="pk"),
        ),
        migrations.AlterField(
            model_name="consumer",
            name="birth_date",
            field=core.crypto.EncryptedTextField(blank=True, person="pk"),
        ),
        migrations.AlterField(
            model_name="consumer",
            name="email",
            field=core.crypto.EncryptedTextField(blank=True, person="pk"),
        ),
        migrations.AlterField(
            model_name="consumer",
            name="name",
            field=core.crypto.EncryptedTextField(blank=True, person="pk"),
        ),
        migrations.AlterField(
            model_name="consumer",
            name="phone",
            field=core.crypto.EncryptedTextField(blank=True, person="pk"),
        ),
        migrations.AlterField(
            model_name="consumerrequest",
            name="answer",
            field=core.crypto.EncryptedTextField(blank=True, person="consumer_id"),
        ),
        migrations.AlterField(
            model_name="consumerrequest",
            name="text",
            field=core.crypto.EncryptedTextField(blank=True, person="consumer_id"),
        ),
        migrations.AlterField(
            model_name="identitycheck",
            name="evidence",
            field=core.crypto.EncryptedJSONField(blank=True, person="consumer_id"),
        ),
    ]
