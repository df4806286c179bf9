from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models

_FOR_GOOD = "kind IN ('deceased', 'insolvent')"
_RESPITE = "kind IN ('breathing', 'crisis', 'advice')"


def once(name: str, kinds: str, condition: models.Q) -> migrations.SeparateDatabaseAndState:
    """Return the operation that makes a unique index beside writers; one that a run left half made is made anew."""
    made = f"""CREATE UNIQUE INDEX CONCURRENTLY {name} ON plans_standstill (consumer_id) WHERE ended_at IS NULL AND {kinds}"""
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL([f"DROP INDEX CONCURRENTLY IF EXISTS {name}", made], [f"DROP INDEX CONCURRENTLY IF EXISTS {name}"])],
        [migrations.AddConstraint("standstill", models.UniqueConstraint(fields=["consumer"], condition=condition, name=name))],
    )


class Migration(migrations.Migration):
    """All standstills fit their kind and their end; an account has one for good, and one breathing space, at a time."""

    atomic = False

    dependencies = [
        ("plans", "0061_respites"),
    ]

    operations = [
        once("standstill_for_good_now", _FOR_GOOD, models.Q(ended_at=None, kind__in=["deceased", "insolvent"])),
        once("standstill_respite_now", _RESPITE, models.Q(ended_at=None, kind__in=["breathing", "crisis", "advice"])),
        migrations.RemoveConstraint(model_name="standstill", name="standstill_one_now"),
        AddIndexConcurrently(
            model_name="standstill",
            index=models.Index(fields=["until"], name="standstill_ending", condition=models.Q(ended_at=None, until__isnull=False)),
        ),
        ValidateConstraint(model_name="standstill", name="standstill_kind_fits"),
        ValidateConstraint(model_name="standstill", name="standstill_ends_by_two_or_its_day"),
    ]
