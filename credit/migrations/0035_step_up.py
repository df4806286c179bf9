from django.db import migrations, models


class Migration(migrations.Migration):
    """Know a decision that asks for another code first."""

    dependencies = [
        ("credit", "0034_asked_once_a_person"),
    ]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="outcome",
            field=models.CharField(
                choices=[("approve", "approve"), ("refer", "refer"), ("decline", "decline"), ("step_up", "step_up")], max_length=8
            ),
        ),
    ]
