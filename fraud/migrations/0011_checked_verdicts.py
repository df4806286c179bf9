from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate the verdicts of existing rows, without blocking writers."""

    dependencies = [
        ("fraud", "0010_confirmed_by_the_bank"),
    ]

    operations = [
        ValidateConstraint(model_name="assessment", name="assessment_verdict_known"),
        ValidateConstraint(model_name="assessment", name="assessment_proved_if_asked"),
        ValidateConstraint(model_name="fraudcase", name="fraud_case_verdict_known"),
    ]
