"""Store who requests a one-time code, and the provider's name for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="signincode",
            name="device_hash",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signincode",
            name="provider_ref",
            field=models.CharField(blank=True, default="", max_length=80),
            preserve_default=False,
        ),
    ]
