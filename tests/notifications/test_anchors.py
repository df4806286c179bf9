"""Each day of the audit log leaves by mail: once, to each auditor, in lines that are read back, and that no chain written anew fits."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from controls.audit.models import AuditAnchor, AuditRow
from controls.services import anchor_audit, note_look_at_audit, seal_audit, sealing
from core.clock import wall
from core.relay import drain
from notifications import handlers
from notifications.models import Message
from tests.live.outside import Mail
from tests.notifications.conformance.test_mail import mine, server  # noqa: F401  (fixtures)
from tests.notifications.conftest import AT, send
from tests.owner import tamper

pytestmark = pytest.mark.django_db(transaction=True)
AUDITORS = ["anna@firm.example", "bo@firm.example"]
RELINK = """
    UPDATE controls_auditseal SET link = sha256(before || convert_to(json_build_array(
        to_char(made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), through_xid, restored, rows)::text, 'UTF8') || digests)
    WHERE number = (SELECT max(number) FROM controls_auditseal)"""


@pytest.fixture
def auditors(mine, settings) -> list[str]:  # noqa: F811
    """Name auditors, whose mail goes to a real server."""
    settings.AUDITORS, settings.MAIL = AUDITORS, "nobody"
    mine()
    return AUDITORS


def act() -> None:
    note_look_at_audit(actor="somebody", source="", about=[], at=AT)


def seal(days_ago: int) -> None:
    """Seal what was written, as if it had been so many days ago."""
    assert seal_audit(at=AT)
    last = "WHERE number = (SELECT max(number) FROM controls_auditseal)"
    tamper(f"UPDATE controls_auditseal SET made_at = made_at - interval '{days_ago} days' {last}")
    tamper(RELINK)
    tamper(f"UPDATE controls_audithead SET link = (SELECT link FROM controls_auditseal {last})")


def live_through(days: int) -> list[str]:
    """Live through some days up to yesterday, on the first of which something happens, with all timers at the end of each; return them."""
    act()
    for days_ago in range(days, 0, -1):
        seal(days_ago)
        assert anchor_audit(at=AT) == 1
        drain()
        send()
    return [str((datetime.now(UTC) - timedelta(days=ago)).date()) for ago in range(days, 0, -1)]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(["plain"])
    assert body is not None
    return str(body.get_content())


def test_each_day_is_mailed_to_each_auditor_once_also_when_nothing_else_happens(auditors):
    days = live_through(3)
    assert (anchor_audit(at=AT), drain(), send()) == (0, 0, 0)
    for address in auditors:
        assert [mail["Subject"] for mail in Mail.taken if mail["To"] == address] == [f"Audit log: the anchor of {day}" for day in days]
    anchor = AuditAnchor.objects.earliest("day")
    line = f'{{"day": "{days[0]}", "number": 1, "link": "{bytes(anchor.link).hex()}", "sealed": {anchor.sealed}}}'
    assert line in text_of(Mail.taken[0]).splitlines()
    assert f"Rows that were sealed on {days[0]} (UTC): {anchor.sealed}." in text_of(Mail.taken[0])
    assert AuditRow.objects.filter(act="controls.day_anchored").count() == 3


def test_an_event_that_is_heard_twice_is_one_mail(auditors):
    live_through(1)
    event = sealing.DayAnchored(**AuditAnchor.objects.get().as_dict)
    handlers.on_day_anchored(event, at=AT)
    assert send() == 0
    assert sorted(mail["To"] for mail in Mail.taken) == auditors


def test_a_timer_that_dies_before_its_commit_has_told_nothing_and_tells_it_the_next_time(auditors, monkeypatch):
    act()
    seal(1)
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(sealing, "append_all", lambda *_, **__: 1 / 0)
        anchor_audit(at=AT)
    assert (AuditAnchor.objects.count(), AuditRow.objects.filter(act="controls.day_anchored").count()) == (0, 0)
    assert anchor_audit(at=AT) == 1
    drain()
    assert send() == 2


def test_a_server_that_is_away_gets_the_mail_later(auditors):
    Mail.deaf = True
    live_through(1)
    assert set(Message.objects.values_list("status", flat=True)) == {"queued"}
    Mail.deaf = False
    Message.objects.update(next_at=wall())
    send()
    assert sorted(mail["To"] for mail in Mail.taken) == auditors


def test_mails_as_they_came_are_read_back_and_name_the_day_whose_chain_was_written_anew(auditors, tmp_path, capsys):
    days = live_through(2)
    file = tmp_path / "mails"
    file.write_bytes(b"\n".join(bytes(mail) for mail in Mail.taken))
    call_command("audit", "verify", "--anchors", str(file))
    told = capsys.readouterr().out
    assert f"Anchors of 2 days, from {days[0]} to {days[1]}.\n" in told
    assert "in 2 seals are as they were sealed." in told
    # Who owns the database takes all away but the first day, and writes on from there.
    for statement in (
        "DELETE FROM controls_auditrow WHERE id = ANY((SELECT rows FROM controls_auditseal WHERE number = 2)::bigint[])",
        "DELETE FROM controls_auditseal WHERE number = 2",
        "UPDATE controls_audithead SET number = 1, link = (SELECT link FROM controls_auditseal)",
        "DELETE FROM controls_auditanchor WHERE number = 2",
    ):
        tamper(statement)
    act()
    seal(1)
    call_command("audit", "verify")
    with pytest.raises(CommandError, match="not as it was sealed"):
        call_command("audit", "verify", "--all", "--anchors", str(file))
    told = capsys.readouterr().out
    assert f"altered anchor {days[1]}: seal 2 is not the one that the anchor in what was kept elsewhere names" in told
    assert f"anchor {days[0]}" not in told


def test_a_chain_that_was_cut_off_names_the_day_that_was_told(auditors, tmp_path, capsys):
    days = live_through(1)
    file = tmp_path / "mails"
    file.write_text(text_of(Mail.taken[0]))
    for table in ("auditrow", "auditseal", "audithead", "auditanchor"):
        tamper(f"DELETE FROM controls_{table}")
    call_command("audit", "verify")
    with pytest.raises(CommandError):
        call_command("audit", "verify", "--anchors", str(file))
    assert f"missing seal 1: the anchor of {days[0]} in what was kept elsewhere names it" in capsys.readouterr().out


def test_lines_that_were_broken_on_their_way_are_read_and_missing_days_are_told(auditors, tmp_path, capsys):
    days = live_through(3)
    file = tmp_path / "lines"
    first, last = (text_of(mail) for mail in Mail.taken if mail["To"] == AUDITORS[0] and days[1] not in mail["Subject"])
    file.write_text(first.replace(' "link"', '\n"link"') + last.replace('"link": "', '"link": "=\n'))
    call_command("audit", "verify", "--anchors", str(file))
    assert f"Anchors of 2 days, from {days[0]} to {days[2]}.\nNone of {days[1]}.\n" in capsys.readouterr().out


def test_a_file_that_tells_of_no_day_is_no_proof(tmp_path):
    empty = tmp_path / "empty"
    empty.write_text('{"day": "2026-11-28", "number": 1, "link": "12", "sealed": 1}')
    with pytest.raises(CommandError, match="holds no anchor"):
        call_command("audit", "verify", "--anchors", str(empty))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("audit", "verify", "--anchors", str(tmp_path / "none"))


def test_where_no_auditor_is_named_nobody_is_told(settings):
    settings.AUDITORS = []
    live_through(1)
    assert not Message.objects.exists()


def test_no_other_message_goes_to_neither_a_consumer_nor_a_user():
    with pytest.raises(IntegrityError, match="message_to_one"), transaction.atomic():
        Message.objects.create(channel="email", kind="order_held", dedupe="x", not_before=AT, next_at=AT, at=AT)
