"""Held orders are filled with what they are found by, in batches: each is a commit of its own; their indexes are made beside writers."""

from django.apps.registry import Apps
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.migrations._renewing import IGNORE, TRIGGERS

FILL = """
    WITH batch AS (
        SELECT r.id, o.merchant_id, o.currency, o.amount_minor, (
            SELECT array_agg(DISTINCT CASE c ->> 'code'
                WHEN 'rule' THEN (c #>> '{facts,set}') || ':' || (c #>> '{facts,id}')
                ELSE coalesce(c ->> 'code', c ->> 'reason') END)
            FROM jsonb_array_elements(r.causes) c) AS held_by
        FROM checkout_orderreview r JOIN checkout_order o ON o.id = r.order_id
        WHERE r.merchant_id IS NULL LIMIT 2000 FOR NO KEY UPDATE OF r
    )
    UPDATE checkout_orderreview r
    SET merchant_id = b.merchant_id, currency = b.currency, amount_minor = b.amount_minor, held_by = coalesce(b.held_by, ARRAY[r.reason::text])
    FROM batch b WHERE b.id = r.id"""


def fill(_apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Fill all rows; decided ones too, which triggers keep from any change."""
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(TRIGGERS, ["checkout_orderreview"])
            cursor.execute(IGNORE, ["{" + ",".join(name for (name,) in cursor.fetchall()) + "}"])
            cursor.execute(FILL)
            filled = cursor.rowcount
            cursor.execute(IGNORE, ["{}"])
        if not filled:
            return


class Migration(migrations.Migration):
    """Each filter of held orders has an index."""

    atomic = False
    dependencies = [("checkout", "0026_found_reviews")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        *(
            AddIndexConcurrently(model_name="orderreview", index=index)
            for index in (
                models.Index(fields=["-created_at"], name="review_by_age"),
                models.Index(fields=["merchant", "-id"], name="review_of_merchant"),
                models.Index(fields=["currency", "amount_minor"], name="review_by_amount"),
                models.Index(fields=["reason", "-id"], name="review_by_reason"),
                GinIndex(fields=["held_by"], name="review_by_rule"),
            )
        ),
    ]
