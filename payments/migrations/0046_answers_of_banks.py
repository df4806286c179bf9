from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0029_reasons_of_changed_rights"),
        ("payments", "0045_disputes_by_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="cardsetup",
            name="answer",
            field=models.CharField(
                blank=True, choices=[("confirmed", "confirmed"), ("refused", "refused")], db_default="", default="", max_length=9
            ),
        ),
        AddConstraintNotValid(
            model_name="cardsetup",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__in", ["", "confirmed", "refused"])), name="card_setup_answer_known"
            ),
        ),
    ]
