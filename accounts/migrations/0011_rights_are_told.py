import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from core.together import Together


RIGHTS = """
CREATE FUNCTION public.accounts_rights_of(who uuid) RETURNS jsonb LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('operator', u.is_staff, 'may_all', u.is_superuser, 'active', u.is_active,
        'groups', (
            SELECT coalesce(jsonb_agg(g.name ORDER BY g.id), '[]')
            FROM accounts_user_groups m JOIN auth_group g ON g.id = m.group_id WHERE m.user_id = u.id),
        'permissions', (
            SELECT coalesce(jsonb_agg(t.app_label || '.' || p.codename ORDER BY p.id), '[]')
            FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
            WHERE EXISTS (SELECT 1 FROM accounts_user_user_permissions m WHERE m.user_id = u.id AND m.permission_id = p.id)
                OR EXISTS (
                    SELECT 1 FROM accounts_user_groups m JOIN auth_group_permissions gp ON gp.group_id = m.group_id
                    WHERE m.user_id = u.id AND gp.permission_id = p.id)))
    FROM accounts_user u WHERE u.id = who
$$;
CREATE FUNCTION public.accounts_check_rights(who uuid) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM accounts_user u WHERE u.id = who AND accounts_rights_of(u.id) IS DISTINCT FROM (
        SELECT c.after FROM accounts_userchange c WHERE c.user_id = u.id ORDER BY c.number DESC LIMIT 1);
    IF FOUND THEN
        RAISE EXCEPTION 'the newest change of user % does not tell their rights', who USING ERRCODE = 'check_violation';
    END IF;
END; $$;
CREATE FUNCTION public.accounts_rights_are_told() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    changed jsonb; other jsonb;
BEGIN
    FOREACH changed IN ARRAY ARRAY[to_jsonb(NEW), CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END] LOOP
        CONTINUE WHEN changed IS NULL;
        IF TG_TABLE_NAME = 'auth_group_permissions' THEN
            PERFORM accounts_check_rights(m.user_id) FROM accounts_user_groups m WHERE m.group_id = (changed ->> 'group_id')::int;
        ELSE
            PERFORM accounts_check_rights((changed ->> CASE TG_TABLE_NAME WHEN 'accounts_user' THEN 'id' ELSE 'user_id' END)::uuid);
        END IF;
    END LOOP;
    RETURN NULL;
END; $$;
INSERT INTO accounts_userchange (id, user_id, before, after, actor, at)
    SELECT gen_random_uuid(), u.id, '{}', accounts_rights_of(u.id), 'migrate', now() FROM accounts_user u
    WHERE u.is_staff OR u.is_superuser OR NOT u.is_active OR EXISTS (SELECT 1 FROM accounts_user_groups m WHERE m.user_id = u.id)
        OR EXISTS (SELECT 1 FROM accounts_user_user_permissions m WHERE m.user_id = u.id);
CREATE CONSTRAINT TRIGGER rights_begin_told AFTER INSERT ON accounts_user DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.is_staff OR NEW.is_superuser OR NOT NEW.is_active) EXECUTE FUNCTION public.accounts_rights_are_told();
CREATE CONSTRAINT TRIGGER rights_are_told AFTER UPDATE ON accounts_user DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((NEW.is_staff, NEW.is_superuser, NEW.is_active) IS DISTINCT FROM (OLD.is_staff, OLD.is_superuser, OLD.is_active))
    EXECUTE FUNCTION public.accounts_rights_are_told();
CREATE CONSTRAINT TRIGGER rights_are_told AFTER INSERT ON accounts_userchange DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.accounts_rights_are_told();
"""
RIGHTS += "".join(
    f"""
CREATE CONSTRAINT TRIGGER rights_are_told AFTER INSERT OR UPDATE OR DELETE ON {table} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.accounts_rights_are_told();
"""
    for table in ("accounts_user_groups", "accounts_user_user_permissions", "auth_group_permissions")
)
BACK = """
DROP FUNCTION public.accounts_rights_are_told() CASCADE;
DROP FUNCTION public.accounts_check_rights(uuid);
DROP FUNCTION public.accounts_rights_of(uuid);
"""


class Migration(migrations.Migration):
    """Require that every change of back office rights is recorded in the user's history."""

    dependencies = [
        ("accounts", "0010_found_by_age"),
        ("core", "0008_numbers_of_history"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        migrations.CreateModel(
            name="UserChange",
            fields=[
                ("number", models.BigIntegerField(db_default=0, editable=False)),
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField()),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="changes", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-number"], name="user_change_newest")],
            },
        ),
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="userchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="5a9e8a9ee814d1e6f9040a48481e7c675870495d",
                            operation="DELETE",
                            pgid="pgtrigger_kept_b6eb9",
                            table="accounts_userchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="userchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="b32ba41f5cfb86d60bef9ff1f52dd5b7ce12a735",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_894ca",
                            table="accounts_userchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="userchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="be7086a0a45145d134f29d084f8e15e463497176",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_f9bb9",
                            table="accounts_userchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="userchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="numbered",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="NEW.number := nextval('public.evidence_number'); RETURN NEW;",
                            hash="73ebe114bc76f45ef3a805a29d39e0ca91323f4c",
                            operation="INSERT",
                            pgid="pgtrigger_numbered_bd7ef",
                            table="accounts_userchange",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
        migrations.RunSQL(RIGHTS, BACK),
    ]
