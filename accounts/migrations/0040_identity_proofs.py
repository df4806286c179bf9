import core.crypto
import core.ids
import django.db.models.deletion
import django_fsm
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Pictures that prove who a person is, and what came of them; looks at them are named."""

    dependencies = [
        ("accounts", "0039_staff_factors"),
    ]

    operations = [
        migrations.AlterField(
            model_name="look",
            name="page",
            field=models.CharField(
                choices=[
                    ("find", "Search"),
                    ("person", "Person"),
                    ("timeline", "Timeline"),
                    ("looks", "Who looked"),
                    ("order", "Order"),
                    ("plan", "Plan"),
                    ("charge", "Charge"),
                    ("refund", "Refund"),
                    ("dispute", "Dispute"),
                    ("checkout", "Checkout"),
                    ("decision", "Decision"),
                    ("held_order", "Held order"),
                    ("fraud_case", "Fraud case"),
                    ("request", "Request"),
                    ("charge_off", "Charge-off"),
                    ("break", "Money that needs a person"),
                    ("work_list", "Work list"),
                    ("identity", "Identity pictures"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="IdentityProof",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("level", models.CharField(choices=[("document", "Document"), ("selfie", "Document and selfie")], max_length=10)),
                (
                    "document",
                    models.CharField(
                        choices=[("passport", "Passport"), ("card", "Identity card"), ("licence", "Driving license")], max_length=10
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=40)),
                ("provider", models.CharField(blank=True, max_length=20)),
                ("provider_ref", models.CharField(blank=True, max_length=120)),
                ("status", django_fsm.FSMField(default="checking", max_length=50, protected=True)),
                ("reasons", models.JSONField(default=list)),
                ("evidence", core.crypto.EncryptedJSONField(blank=True, person="consumer_id")),
                ("sent_at", models.DateTimeField()),
                ("next_at", models.DateTimeField(null=True)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("review_by", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("note", core.crypto.EncryptedTextField(blank=True, person="consumer_id")),
                ("ends_on", models.DateField(null=True)),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="identity_proofs", to="accounts.consumer"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "identity check by pictures",
                "verbose_name_plural": "identity checks by pictures",
                "permissions": [("review_proof", "Can see pictures of identity documents, and decide about them")],
            },
        ),
        migrations.CreateModel(
            name="IdentityPicture",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "part",
                    models.CharField(
                        choices=[("front", "Front of the document"), ("back", "Back of the document"), ("selfie", "Picture of the person")],
                        max_length=10,
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("content", core.crypto.EncryptedTextField(person="consumer_id")),
                ("sent_at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.consumer"
                    ),
                ),
                (
                    "proof",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="pictures", to="accounts.identityproof"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="identityproof",
            index=models.Index(fields=["consumer", "-id"], name="identity_proof_newest"),
        ),
        migrations.AddIndex(
            model_name="identityproof",
            index=models.Index(fields=["status", "-id"], name="identity_proof_by_status"),
        ),
        migrations.AddIndex(
            model_name="identityproof",
            index=models.Index(condition=models.Q(("next_at__isnull", False)), fields=["next_at"], name="identity_proof_open"),
        ),
        migrations.AddIndex(
            model_name="identityproof",
            index=models.Index(condition=models.Q(("status", "accepted")), fields=["ends_on"], name="identity_proof_ends"),
        ),
        migrations.AddConstraint(
            model_name="identityproof",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["checking", "review", "accepted", "refused", "ended"])),
                name="identity_proof_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="identityproof",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["checking", "review"])), fields=("consumer",), name="identity_proof_open_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="identityproof",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("status__in", ["checking", "review"])),
                    models.Q(models.Q(("status__in", ["checking", "review"]), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="identity_proof_decided_when",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="identityproof",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="66426abbfd45096b9fa9308a01c8bf54c9346c81",
                    operation="DELETE",
                    pgid="pgtrigger_kept_57387",
                    table="accounts_identityproof",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="identityproof",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."document" IS DISTINCT FROM (NEW."document") OR OLD."level" IS DISTINCT FROM (NEW."level") OR OLD."provider" IS DISTINCT FROM (NEW."provider") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."sent_at" IS DISTINCT FROM (NEW."sent_at"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="7a9304a0fa8a71323697cf0549a9bcfe855bd3d8",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_82892",
                    table="accounts_identityproof",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="identityproof",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="3183d427db384c15b8cb76052df4e268196a8fac",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_3a466",
                    table="accounts_identityproof",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="identityproof",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('accepted', 'ended'), ('checking', 'accepted'), ('checking', 'refused'), ('checking', 'review'), ('review', 'accepted'), ('review', 'refused')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="9db0c9cfddb4c61b30bbb80862ca6919016e93cd",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_691f7",
                    table="accounts_identityproof",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="identityproof",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"status\" NOT IN ('checking'))",
                    func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="aaea1955c94430fb165457ab5a959f5dd074942c",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_c3b3d",
                    table="accounts_identityproof",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="identityproof",
            trigger=pgtrigger.compiler.Trigger(
                name="decided_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.status NOT IN (\'checking\', \'review\')) AND ((OLD."claimed_until" IS DISTINCT FROM (NEW."claimed_until") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."decided_at" IS DISTINCT FROM (NEW."decided_at") OR OLD."decided_by_id" IS DISTINCT FROM (NEW."decided_by_id") OR OLD."document" IS DISTINCT FROM (NEW."document") OR OLD."ends_on" IS DISTINCT FROM (NEW."ends_on") OR OLD."evidence" IS DISTINCT FROM (NEW."evidence") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."level" IS DISTINCT FROM (NEW."level") OR OLD."next_at" IS DISTINCT FROM (NEW."next_at") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."provider" IS DISTINCT FROM (NEW."provider") OR OLD."provider_ref" IS DISTINCT FROM (NEW."provider_ref") OR OLD."reasons" IS DISTINCT FROM (NEW."reasons") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."review_by" IS DISTINCT FROM (NEW."review_by") OR OLD."sent_at" IS DISTINCT FROM (NEW."sent_at"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="90440365fc03d3daf138c3912ce1bfbde1e4328d",
                    operation="UPDATE",
                    pgid="pgtrigger_decided_stays_fa8e5",
                    table="accounts_identityproof",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="identitypicture",
            index=models.Index(fields=["sent_at"], name="identity_picture_by_age"),
        ),
        migrations.AddIndex(
            model_name="identitypicture",
            index=models.Index(fields=["consumer"], name="identity_picture_of"),
        ),
        migrations.AddConstraint(
            model_name="identitypicture",
            constraint=models.UniqueConstraint(fields=("proof", "part"), name="identity_picture_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="identitypicture",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((TRUE) AND ((OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."part" IS DISTINCT FROM (NEW."part") OR OLD."proof_id" IS DISTINCT FROM (NEW."proof_id") OR OLD."sent_at" IS DISTINCT FROM (NEW."sent_at") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="af1075f380beb13ae632f4dc0bf0cbe61bbdbea0",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_b48eb",
                    table="accounts_identitypicture",
                    when="BEFORE",
                ),
            ),
        ),
    ]
