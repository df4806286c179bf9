from datetime import timedelta

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import core.ids

ROLES = [("owner", "Owner"), ("manager", "Manager"), ("finance", "Finance"), ("developer", "Developer"), ("viewer", "Viewer")]


def invite_those_who_never_came(apps, schema_editor):
    """Turn places of people who never set a password into invitations, which they may still accept for a week from then."""
    invitation = apps.get_model("merchants", "Invitation")
    for place in apps.get_model("merchants", "Membership").objects.filter(user__password__startswith="!"):  # noqa: S106  (unusable)
        invitation.objects.create(
            merchant_id=place.merchant_id,
            user_id=place.user_id,
            role=place.role,
            invited_by="migration",
            created_at=place.added_at,
            expires_at=place.added_at + timedelta(days=7),
        )
        place.delete()


class Migration(migrations.Migration):
    """Nobody is in a team before they accept."""

    dependencies = [
        ("merchants", "0004_key_scopes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("role", models.CharField(choices=ROLES, max_length=10)),
                ("invited_by", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="merchants.merchant"),
                ),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "-created_at"], name="invitation_of_merchant"),
                    models.Index(fields=["user", "-created_at"], name="invitation_to_user"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(accepted_at=None, withdrawn_at=None), fields=["merchant", "user"], name="invitation_one_open"
                    ),
                ],
            },
        ),
        migrations.RunPython(invite_those_who_never_came, migrations.RunPython.noop, elidable=True),
    ]
