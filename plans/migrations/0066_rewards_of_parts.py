import django.db.models.deletion
from django.db import migrations, models

_MADE = "CREATE UNIQUE INDEX CONCURRENTLY reward_once ON plans_reward (installment_id, charge_id)"
_GONE = "DROP INDEX CONCURRENTLY IF EXISTS reward_once"


class Migration(migrations.Migration):
    """An installment paid in parts earns a reward for each charge that pays one; an index left half made by a run is made anew."""

    atomic = False

    dependencies = [
        ("plans", "0065_returns_of_a_part_checked"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL([_GONE, _MADE], [_GONE]),
                migrations.RunSQL(
                    "ALTER TABLE plans_reward ADD CONSTRAINT reward_once UNIQUE USING INDEX reward_once",
                    "ALTER TABLE plans_reward DROP CONSTRAINT IF EXISTS reward_once",
                ),
            ],
            [
                migrations.AddConstraint(
                    model_name="reward", constraint=models.UniqueConstraint(fields=("installment", "charge_id"), name="reward_once")
                ),
            ],
        ),
        migrations.AlterField(
            model_name="reward",
            name="installment",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="rewards", to="plans.installment"
            ),
        ),
    ]
