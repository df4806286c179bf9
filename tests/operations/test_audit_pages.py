"""The audit log in the back office: for auditors only, found by object, actor and act, by as many queries however long it is."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bnpl.audited import AUDITED
from bnpl.subscriptions import SUBSCRIPTIONS
from controls.events import ChangeProposed
from controls.models import AuditRow
from controls.services import Reading
from core.acting import acting
from core.outbox import append_all
from operations.audit.titles import ACTS
from tests.cast import NOW
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
LIST = "/admin/controls/auditrow/"
ONE, OTHER = "prp_" + "a" * 26, "prp_" + "b" * 26


@pytest.fixture
def auditor():
    user = make_operator("anna@kvart.example", name="Anna Sommer", may=["view_auditrow"])
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def tell(*proposals: str, actor: str = "timer:x") -> None:
    with acting(actor):
        append_all([ChangeProposed(proposal=one) for one in proposals], at=NOW)


def test_only_an_auditor_reads_it():
    tell(ONE)
    row = AuditRow.objects.get(about=[ONE])
    client = Client()
    client.force_login(make_operator("vera@kvart.example", may=["view_order", "view_proposal"]))
    assert [client.get(path).status_code for path in (LIST, f"{LIST}{row.pk}/change/")] == [403, 404]
    assert not AuditRow.objects.filter(act="controls.audit_looked_at").exists()


def test_rows_are_found_by_object_actor_and_act(auditor):
    tell(ONE, actor=str(auditor.user.pk))
    tell(OTHER)
    everything = auditor.get(LIST).content.decode()
    assert ONE in everything
    assert OTHER in everything
    for asked, found, hidden in (
        # Looks for the other one would be found by their actor too.
        ("?q=anna@kvart.example", ONE, OTHER),
        ("?q=timer:x", OTHER, ONE),
        (f"?q={ONE}", ONE, OTHER),
        (f"?q={OTHER}", OTHER, ONE),
    ):
        page = auditor.get(LIST + asked).content.decode()
        assert f"<code>{found}</code>" in page, asked
        assert f"<code>{hidden}</code>" not in page, asked
    page = auditor.get(f"{LIST}?act__exact=controls.change_proposed").content.decode()
    assert page.count("<code>prp_") == 2
    assert "Anna Sommer" in page
    assert "<code>prp_" not in auditor.get(f"{LIST}?act__exact=checkout.order_held").content.decode()


def test_each_look_at_the_log_is_in_the_log(auditor):
    tell(ONE)
    auditor.get(f"{LIST}?q={ONE}")
    row = AuditRow.objects.get(act="controls.change_proposed")
    auditor.get(f"{LIST}{row.pk}/change/")
    looks = AuditRow.objects.filter(act="controls.audit_looked_at").order_by("pk")
    assert [(look.actor, look.about) for look in looks] == [(str(auditor.user.pk), [ONE])] * 2
    assert looks[0].source.startswith("req_")


def test_a_rows_page_says_all_of_it(auditor):
    tell(ONE, OTHER, actor="key:sk_1234")
    row = AuditRow.objects.get(about=[ONE])
    page = auditor.get(f"{LIST}{row.pk}/change/").content.decode()
    for text in ("A change was proposed", "API key sk_1234", ONE, "Not sealed yet", "In the same transaction"):
        assert text in page


def asked(client) -> int:
    """Return how many queries the list takes; how far the clock was moved is asked now and then only."""
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    return sum("core_clockoffset" not in query["sql"] for query in queries)


def test_a_long_log_takes_no_more_queries(auditor):
    tell(ONE)
    auditor.get(LIST)
    few = asked(auditor)
    for number in range(60):
        tell(ONE, actor=str(make_operator(f"boss{number}@kvart.example").pk) if number > 55 else "x")
    assert asked(auditor) == few <= 9


def test_every_act_has_a_title():
    events = {event.NAME for event, heard in SUBSCRIPTIONS.items() if any(one.when == "later" for one in heard)}
    acts = {part for one in AUDITED for part in one.act.split("'")[1::2] if "." in part}
    whole = {act for act in acts if not act.endswith("_")} | set(Reading)
    assert (events | whole) - ACTS.keys() == set()
    assert {act for act in acts - whole if not any(title.startswith(act) for title in ACTS)} == set()
