from django.db import migrations, models


class Migration(migrations.Migration):
    """Outcomes of cases with all their values."""

    dependencies = [("controls", "0022_reads_in_the_audit_log")]

    operations = [
        migrations.AlterField("rulecase", "outcome", models.CharField(blank=True, max_length=400)),
        migrations.AlterField("rulecase", "observed_outcome", models.CharField(blank=True, max_length=400)),
    ]
