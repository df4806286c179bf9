from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate the answers of existing visits, without blocking writers."""

    dependencies = [
        ("payments", "0046_answers_of_banks"),
    ]

    operations = [
        ValidateConstraint(model_name="cardsetup", name="card_setup_answer_known"),
    ]
