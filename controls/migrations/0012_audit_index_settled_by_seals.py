import django.contrib.postgres.indexes
import django.db.models.expressions
from django.db import migrations

# What was written since the last seal waits in the index's list, so that no transaction has to sort it in; 4 MB are some 15,000 rows.
LIMIT = "ALTER INDEX audit_found SET (gin_pending_list_limit = {})"
# Owned by whoever migrates: only an index's owner may have its list sorted in.
SETTLE = """
CREATE FUNCTION public.audit_settle() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT gin_clean_pending_list('public.audit_found'::regclass)
$$;
REVOKE ALL ON FUNCTION public.audit_settle() FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Let seals sort in what the search index of the audit log has waiting."""

    dependencies = [("controls", "0011_absences")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(LIMIT.format(4096), LIMIT.format(512)),
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="auditrow", name="audit_found"),
                migrations.AddIndex(
                    model_name="auditrow",
                    index=django.contrib.postgres.indexes.GinIndex(
                        django.db.models.expressions.RawSQL("(about || ARRAY[act, actor])", []),
                        fastupdate=True,
                        gin_pending_list_limit=4096,
                        name="audit_found",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(SETTLE, "DROP FUNCTION public.audit_settle()"),
    ]
