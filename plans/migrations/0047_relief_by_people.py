import core.crypto
import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Relief that operators offer, the budgets that it rests on, and the payment plans that people get by relief."""

    dependencies = [
        ("accounts", "0033_fee_status_checked"),
        ("plans", "0046_more_fees"),
    ]

    operations = [
        migrations.CreateModel(
            name="Budget",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("figures", core.crypto.EncryptedJSONField(person="consumer_id")),
                ("living_minor", models.BigIntegerField()),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="budgets", to="accounts.consumer"),
                ),
            ],
            options={
                "verbose_name": "budget of a person",
                "verbose_name_plural": "budgets of people",
            },
        ),
        migrations.CreateModel(
            name="ReliefOffer",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("pause", "A pause"), ("smaller", "Smaller payments")], max_length=10)),
                ("days", models.PositiveSmallIntegerField(default=0)),
                ("count", models.PositiveSmallIntegerField(default=0)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("income", "Less income"),
                            ("costs", "Higher costs"),
                            ("life", "A change in life"),
                            ("other", "Something else"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "lasts",
                    models.CharField(choices=[("month", "About a month"), ("longer", "Longer"), ("unknown", "Not known")], max_length=10),
                ),
                ("until", models.DateField()),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "budget",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="offers", to="plans.budget"
                    ),
                ),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="relief_offers", to="accounts.consumer"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="relief_offers", to="plans.plan"
                    ),
                ),
                (
                    "relief",
                    models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="offer", to="plans.hardship"),
                ),
            ],
            options={
                "verbose_name": "offer of relief",
                "verbose_name_plural": "offers of relief",
            },
        ),
        migrations.CreateModel(
            name="ReliefPaper",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("paper", core.crypto.EncryptedJSONField(person="consumer_id")),
                ("at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="relief_papers", to="accounts.consumer"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="relief_papers", to="plans.plan"
                    ),
                ),
                ("relief", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="paper", to="plans.hardship")),
            ],
            options={
                "verbose_name": "payment plan by relief",
                "verbose_name_plural": "payment plans by relief",
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="budget",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="a824b08515d34c19b3be34b1b36701b06649e8e0",
                    operation="DELETE",
                    pgid="pgtrigger_kept_74b37",
                    table="plans_budget",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="budget",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="749999b6d23a306de8c19cb420ce8e80b44989f9",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_0671a",
                    table="plans_budget",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="budget",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d7a40b87415fe0661ea8c728397d61fee266aa56",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_c89cb",
                    table="plans_budget",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="reliefoffer",
            index=models.Index(fields=["plan", "-id"], name="relief_offer_of_plan"),
        ),
        migrations.AddConstraint(
            model_name="reliefoffer",
            constraint=models.UniqueConstraint(condition=models.Q(("closed_at", None)), fields=("plan",), name="relief_offer_one_open"),
        ),
        migrations.AddConstraint(
            model_name="reliefoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("relief", None), ("closed_at__isnull", False), _connector="OR"), name="relief_offer_accepted_is_closed"
            ),
        ),
        migrations.AddConstraint(
            model_name="reliefoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("count", 0), ("days__gt", 0), ("kind", "pause")),
                    models.Q(("count__gt", 0), ("days", 0), ("kind", "smaller")),
                    _connector="OR",
                ),
                name="relief_offer_of_one_kind",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reliefoffer",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="2b61a35dd54b1055b1068d70c5423ffbc2df72f9",
                    operation="DELETE",
                    pgid="pgtrigger_kept_b206d",
                    table="plans_reliefoffer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reliefoffer",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."actor" IS DISTINCT FROM (NEW."actor") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."budget_id" IS DISTINCT FROM (NEW."budget_id") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."count" IS DISTINCT FROM (NEW."count") OR OLD."days" IS DISTINCT FROM (NEW."days") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."lasts" IS DISTINCT FROM (NEW."lasts") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."until" IS DISTINCT FROM (NEW."until"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e60ea9bcf9d4ab80b19b4f0f4d590a9306a75075",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_66797",
                    table="plans_reliefoffer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reliefoffer",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="f32f2e20aff18519c02e3e6da8990daa378ba8fb",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_bc4b3",
                    table="plans_reliefoffer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reliefoffer",
            trigger=pgtrigger.compiler.Trigger(
                name="closed_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.closed_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e84168485a2af078f454f8e6199d102c70b59b39",
                    operation="UPDATE",
                    pgid="pgtrigger_closed_stays_7a59f",
                    table="plans_reliefoffer",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="reliefpaper",
            index=models.Index(fields=["plan", "-id"], name="relief_paper_of_plan"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reliefpaper",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="65549710654b9dc1a578e30317394c731e78d482",
                    operation="DELETE",
                    pgid="pgtrigger_kept_36ee3",
                    table="plans_reliefpaper",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reliefpaper",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="27e60943cd3f8e56da84354e6e666c1234c9d73c",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_313bf",
                    table="plans_reliefpaper",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reliefpaper",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="b84278a3524dc2f77e65afd9763cb028bb009d5c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_c0f23",
                    table="plans_reliefpaper",
                    when="BEFORE",
                ),
            ),
        ),
    ]
