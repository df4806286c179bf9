"""`make_operator(...)` of the tests leaves the rows that the product's own services leave."""

from typing import Any

import pytest
from django.db import connection, transaction

from accounts import services
from accounts.models import User, UserChange
from tests.operators import AT, make_operator, permit

MAY = ("view_orderreview", "decide_review", "prepare_review")


def told(user: User) -> dict[str, Any]:
    """Return what is stored of a user, but for keys and moments."""
    row = User.objects.get(pk=user.pk)
    assert row.check_password("demo-password")
    changes = UserChange.objects.filter(user=user).order_by("number").values("before", "after", "actor", "at")
    return {
        "user": {name: getattr(row, name) for name in ("email", "name", "is_staff", "is_active", "is_superuser", "last_login")},
        "permissions": sorted(row.get_user_permissions()),
        "groups": list(row.groups.all()),
        "changes": list(changes),
        "keys in order": list(row.changes.order_by("number")) == list(row.changes.order_by("pk")),
    }


@pytest.mark.parametrize("may", [(), MAY])
def test_a_quickly_made_operator_has_the_rows_of_the_product(db, may):
    seen = []
    for quick in (False, True):
        with transaction.atomic():
            if quick:
                user = make_operator("ada@KVART.example", name="Ada", may=may)
            else:
                user = services.make_operator(email="ada@KVART.example", password="demo-password", name="Ada", actor="test", at=AT)
                permit(user, *may)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            seen.append(told(user))
            transaction.set_rollback(True)
    assert seen[0] == seen[1]
    assert len(seen[0]["changes"]) == (2 if may else 1)
