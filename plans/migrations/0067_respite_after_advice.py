from django.db import migrations, models

_OF_LAW = "kind IN ('breathing', 'crisis')"
_ADVICE = "kind = 'advice'"


def once(name: str, kinds: str, condition: models.Q) -> migrations.SeparateDatabaseAndState:
    """Return the operation that makes a unique index beside writers; one that a run left half made is made anew."""
    made = f"""CREATE UNIQUE INDEX CONCURRENTLY {name} ON plans_standstill (consumer_id) WHERE ended_at IS NULL AND {kinds}"""
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL([f"DROP INDEX CONCURRENTLY IF EXISTS {name}", made], [f"DROP INDEX CONCURRENTLY IF EXISTS {name}"])],
        [migrations.AddConstraint("standstill", models.UniqueConstraint(fields=["consumer"], condition=condition, name=name))],
    )


class Migration(migrations.Migration):
    """A breathing space of the law may follow the time with a debt adviser while that still runs."""

    atomic = False

    dependencies = [
        ("plans", "0066_rewards_of_parts"),
    ]

    operations = [
        once("standstill_of_law_now", _OF_LAW, models.Q(ended_at=None, kind__in=["breathing", "crisis"])),
        once("standstill_advice_now", _ADVICE, models.Q(ended_at=None, kind="advice")),
        migrations.RemoveConstraint(model_name="standstill", name="standstill_respite_now"),
    ]
