from django.db import migrations

GUARDS = """
CREATE TRIGGER log_kept BEFORE UPDATE OR DELETE ON django_admin_log FOR EACH ROW EXECUTE FUNCTION public.log_is_append_only();
CREATE TRIGGER log_not_emptied BEFORE TRUNCATE ON django_admin_log FOR EACH STATEMENT EXECUTE FUNCTION public.log_is_append_only();
"""
BACK = "DROP TRIGGER log_kept ON django_admin_log; DROP TRIGGER log_not_emptied ON django_admin_log;"


class Migration(migrations.Migration):
    """Let the back office's log, a table of Django, only grow."""

    dependencies = [
        ("accounts", "0011_rights_are_told"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [migrations.RunSQL(GUARDS, BACK)]
