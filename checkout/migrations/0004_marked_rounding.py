from django.db import migrations

# Ours was always the last line, had nothing but these names, and one unit.
MARK = """
    UPDATE checkout_checkout
    SET items = jsonb_set(items, ARRAY[(jsonb_array_length(items) - 1)::text, 'rounding'], 'true')
    WHERE status = 'open' AND jsonb_array_length(items) > 1 AND items -> -1 ->> 'name' = 'Rounding'
        AND (items -> -1) - ARRAY['name', 'quantity', 'unit_amount', 'amount'] = '{}' AND items -> -1 -> 'quantity' = '1';
    SET CONSTRAINTS ALL IMMEDIATE;"""


class Migration(migrations.Migration):
    """The platform's own rounding lines of open checkouts are marked, so that a shop's own line of that name is kept."""

    dependencies = [("checkout", "0003_holds_by_two_people")]
    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
