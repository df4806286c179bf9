from django.db import migrations, models


def once(field):
    """Make a unique index concurrently, and then its constraint."""
    name, columns = f"consumer_{field}_once", f"({field}_hash, brand_id)"
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {name} ON accounts_consumer {columns}",
                f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
            ),
            migrations.RunSQL(
                f"ALTER TABLE accounts_consumer ADD CONSTRAINT {name} UNIQUE USING INDEX {name}",
                f"ALTER TABLE accounts_consumer DROP CONSTRAINT IF EXISTS {name}",
            ),
        ],
        state_operations=[
            migrations.AddConstraint(
                model_name="consumer", constraint=models.UniqueConstraint(fields=[f"{field}_hash", "brand"], name=name)
            ),
        ],
    )


class Migration(migrations.Migration):
    """Make contacts unique in each brand, instead of in all brands together."""

    atomic = False

    dependencies = [
        ("accounts", "0017_brands"),
    ]

    operations = [
        once("email"),
        once("phone"),
        migrations.AlterField(model_name="consumer", name="email_hash", field=models.CharField(max_length=64, null=True)),
        migrations.AlterField(model_name="consumer", name="phone_hash", field=models.CharField(max_length=64, null=True)),
    ]
