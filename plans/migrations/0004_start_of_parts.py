from django.db import migrations, models

# Each capture is kept as a version of the schedule, in the order of the parts. The constraints at once: a table with triggers that
# still wait cannot be altered.
STARTS = """
    UPDATE plans_installment i SET start_date = c.day FROM (
        SELECT c.plan_id, row_number() OVER (PARTITION BY c.plan_id ORDER BY c.id) AS part, (c.at AT TIME ZONE p.time_zone)::date AS day
        FROM plans_planchange c JOIN plans_plan p ON p.id = c.plan_id WHERE c.kind = 'capture') c
    WHERE c.plan_id = i.plan_id AND c.part = i.part;
    UPDATE plans_installment i SET start_date = f.day FROM (
        SELECT plan_id, part, min(due_date) AS day FROM plans_installment GROUP BY plan_id, part) f
    WHERE i.start_date IS NULL AND f.plan_id = i.plan_id AND f.part = i.part;
    SET CONSTRAINTS ALL IMMEDIATE;"""
RENAME = "UPDATE plans_product SET refund_rule = '{}' WHERE refund_rule = '{}'"


class Migration(migrations.Migration):
    """Installments know the day of the capture that started their part; the refund rule `reamortize` is spelled so."""

    dependencies = [("plans", "0003_fewer_indexes")]

    operations = [
        migrations.AddField("installment", "start_date", models.DateField(null=True)),
        migrations.RunSQL(STARTS, migrations.RunSQL.noop),
        migrations.AlterField("installment", "start_date", models.DateField()),
        migrations.RunSQL(RENAME.format("reamortize", "reamortise"), RENAME.format("reamortise", "reamortize")),
    ]
