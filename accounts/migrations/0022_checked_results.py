from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """The results of the checks that were there are checked, beside their writers."""

    dependencies = [
        ("accounts", "0021_results_of_checks"),
    ]

    operations = [
        ValidateConstraint(model_name="identitycheck", name="identity_check_result_known"),
    ]
