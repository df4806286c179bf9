from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate the results of existing checks, without blocking writers."""

    dependencies = [
        ("accounts", "0021_results_of_checks"),
    ]

    operations = [
        ValidateConstraint(model_name="identitycheck", name="identity_check_result_known"),
    ]
