from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate the moments of existing rows, without blocking writers."""

    dependencies = [
        ("fraud", "0014_moment_of_assessments"),
    ]

    operations = [
        ValidateConstraint(model_name="assessment", name="assessment_moment_known"),
    ]
