import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("payments", "0006_disputes"),
    ]

    operations = [
        migrations.AddField(model_name="cardsetup", name="network_hash", field=models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField(model_name="cardsetup", name="device_hash", field=models.CharField(blank=True, default="", max_length=64)),
        migrations.CreateModel(
            name="CardTry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=160, unique=True)),
                ("network_hash", models.CharField(blank=True, max_length=64)),
                ("device_hash", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="accounts.consumer"),
                ),
            ],
            options={
                "verbose_name": "declined card",
                "verbose_name_plural": "declined cards",
                "indexes": [
                    models.Index(fields=["consumer", "-at"], name="card_try_recent"),
                    models.Index(
                        condition=models.Q(("network_hash", ""), _negated=True), fields=["network_hash", "-at"], name="card_try_network"
                    ),
                    models.Index(
                        condition=models.Q(("device_hash", ""), _negated=True), fields=["device_hash", "-at"], name="card_try_device"
                    ),
                ],
            },
        ),
    ]
