from django.db import migrations, models


class Migration(migrations.Migration):
    """Record as a turn that two people closed a hold."""

    dependencies = [
        ("payments", "0032_checked_kinds_of_turns"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="authorization", options={"verbose_name": "hold on a card", "verbose_name_plural": "holds on cards"}
        ),
        migrations.AlterField(
            model_name="movementevent",
            name="movement_kind",
            field=models.CharField(
                choices=[("charge", "Charge"), ("refund", "Refund"), ("payout", "Payout"), ("hold", "Hold")], max_length=10
            ),
        ),
    ]
