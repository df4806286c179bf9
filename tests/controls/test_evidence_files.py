"""Files that show that a proposal is right: what is taken, who sees it, and that another file is another proposal."""

import io
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, transaction
from django.urls import reverse
from PIL import Image

from controls import services
from controls.errors import Changed
from controls.files import MOST_BYTES, NamedFile, type_of
from controls.models import AuditRow, EvidenceFile, Proposal
from controls.queries import list_files
from core.clock import wall
from core.db import execute
from core.errors import Invalid
from core.retention import forget_old
from merchants.models import Merchant
from tests.controls.test_replacing import anna, bo, propose, replace, shop, sign_in
from tests.operators import make_operator
from tests.owner import unguarded
from tests.shops import open_shop

__all__ = ["anna", "bo", "shop"]
pytestmark = pytest.mark.django_db
PDF = NamedFile("contract.pdf", b"%PDF-1.7 signed by both")
NOTE = NamedFile("note.txt", "Blåbær, aftalt den 3.\n".encode())


def picture(form: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (3, 3), "red").save(made, form)
    return made.getvalue()


@pytest.mark.parametrize(
    ("body", "known"),
    [
        (PDF.body, "pdf"),
        (NOTE.body, "txt"),
        (picture("PNG"), "png"),
        (picture("JPEG"), "jpg"),
        (picture("GIF"), ""),
        (b"MZ\x90\x00\x03", ""),
        (b"PK\x03\x04rest", ""),
        (b"\xff\xfe\x00", ""),
        (b"", ""),
    ],
)
def test_a_file_is_known_by_its_content(body, known):
    assert type_of(body) == known


def test_a_name_is_made_harmless_and_ends_as_its_content_says():
    assert NamedFile('../a"<b>\n.exe', PDF.body).told()["name"] == "_a_b_.pdf"
    assert NamedFile(".html", NOTE.body).told()["name"] == "file.txt"
    assert len(NamedFile("x" * 500, NOTE.body).told()["name"]) == 104


@pytest.mark.parametrize(
    "files",
    [
        [NamedFile("a.pdf", b"PK\x03\x04")],
        [NamedFile("a.txt", b"")],
        [NamedFile("a.txt", b"x" * (MOST_BYTES + 1))],
        [NamedFile(f"{number}.txt", str(number).encode()) for number in range(6)],
        [PDF, NamedFile("again.pdf", PDF.body)],
    ],
)
def test_other_files_are_refused(shop, anna, files):
    with pytest.raises(Invalid) as caught:
        propose(shop, anna, files=files)
    assert (set(caught.value.fields), Proposal.objects.count(), EvidenceFile.objects.count()) == ({"files"}, 0, 0)


def test_what_was_given_is_kept_encrypted_and_read_again(shop, anna, bo):
    made = propose(shop, anna, files=[PDF, NOTE])
    assert list_files(Proposal.objects.get()) == [PDF, NOTE]
    assert not EvidenceFile.objects.filter(content__contains=PDF.text).exists()
    services.approve_proposal(proposal_id=made.pk, user=bo, at=wall())
    assert Merchant.objects.get().payout_destination == "bank_2"


def test_another_file_is_another_proposal_and_voids_the_first_signature(shop, anna, bo):
    told = {"kind": "merchants.terms", "after": {"fee_bps": 350}, "starts_on": wall().date() + timedelta(days=2)}
    old = propose(shop, anna, files=[PDF], **told)
    services.approve_proposal(proposal_id=old.pk, user=bo, at=wall())
    same = {"after": old.after, "evidence": "", "starts_on": old.starts_on}
    with pytest.raises(Invalid, match="Nothing would change"):
        replace(old, bo, files=[PDF], **same)
    made = replace(old, bo, files=[NOTE], **same)
    old.refresh_from_db()
    assert (old.status, made.status, made.signature, made.proposed_by) == ("withdrawn", "proposed", "", str(bo.pk))
    assert services.apply_proposals(at=wall() + timedelta(days=9)) == 0


def test_a_content_that_is_not_what_was_proposed_is_not_approved(shop, anna, bo):
    made = propose(shop, anna, files=[PDF])
    row = EvidenceFile.objects.get()
    row.content = NOTE.text
    row.save(update_fields=["content"])
    with pytest.raises(Changed, match="not the one that was proposed"):
        services.approve_proposal(proposal_id=made.pk, user=bo, at=wall())
    execute("UPDATE controls_evidencefile SET content = %s", [PDF.text])
    with pytest.raises(InvalidTag):
        services.approve_proposal(proposal_id=made.pk, user=bo, at=wall())
    EvidenceFile.objects.all().delete()
    with pytest.raises(Changed):
        services.approve_proposal(proposal_id=made.pk, user=bo, at=wall())
    assert (Proposal.objects.get().status, Merchant.objects.get().payout_destination != "bank_2") == ("proposed", True)


def test_what_is_changed_between_approval_and_its_day_is_not_carried_out(shop, anna, bo):
    day = wall().date() + timedelta(days=2)
    made = propose(shop, anna, kind="merchants.terms", after={"fee_bps": 350}, starts_on=day, files=[PDF])
    services.approve_proposal(proposal_id=made.pk, user=bo, at=wall())
    with unguarded():
        execute("UPDATE controls_proposal SET files = %s", [f'[{{"sha256": "{NOTE.sha256}"}}]'])
        row = EvidenceFile.objects.get()
        row.sha256, row.content = NOTE.sha256, NOTE.text
        row.save()
    assert services.apply_proposals(at=wall() + timedelta(days=3)) == 0
    made.refresh_from_db()
    assert ("can be verified" in made.trouble, Merchant.objects.get().fee_bps != 350) == (True, True)


def test_the_database_takes_no_file_that_no_open_proposal_names(shop, anna, bo):
    made = propose(shop, anna, files=[PDF])
    with pytest.raises(Error, match="names file"), transaction.atomic():
        EvidenceFile(proposal=made, sha256=NOTE.sha256, content=NOTE.text, added_at=wall()).save(force_insert=True)
    with pytest.raises(Error, match="nobody notes the act"), transaction.atomic():
        execute("SELECT public.audit_noted('controls.proposal_approved', now(), 'x', '', '{}')")
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        execute("UPDATE controls_proposal SET files = '[]'")
    EvidenceFile.objects.all().delete()
    services.withdraw_proposal(proposal_id=made.pk, user=anna, at=wall())
    with pytest.raises(Error, match="names file"), transaction.atomic():
        EvidenceFile(proposal=made, sha256=PDF.sha256, content=PDF.text, added_at=wall()).save(force_insert=True)


def test_operators_add_read_and_take_away_files_in_the_browser(shop, anna, bo):
    old = propose(shop, anna)
    client = sign_in(anna)
    told = {"payout_destination": "bank_2", "reason": "agreed", "evidence": ""}
    change = reverse("admin:controls_proposal_replace", args=[old.pk])
    bad = client.post(change, told | {"files": [SimpleUploadedFile("a.pdf", picture("GIF"))]}).content.decode()
    assert "only PDF, PNG, JPEG and plain text" in bad
    assert Proposal.objects.count() == 1
    given = [SimpleUploadedFile("scan.jpeg", picture("JPEG")), SimpleUploadedFile("page.html", b"<script>alert(1)</script>")]
    client.post(change, told | {"files": given})
    made = Proposal.objects.get(replaces=old)
    assert [one["name"] for one in made.files] == ["scan.jpg", "page.txt"]
    # Who may see proposals opens it, as what it is; nobody else does.
    where = [reverse("admin:controls_proposal_file", args=[made.pk, one["sha256"]]) for one in made.files]
    page = sign_in(bo).get(reverse("admin:controls_proposal_change", args=[made.pk])).content.decode()
    assert all(one in page for one in where)
    answer = sign_in(bo).get(where[1])
    assert (answer.content, answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        b"<script>alert(1)</script>",
        "text/plain; charset=utf-8",
        "nosniff",
    )
    opened = AuditRow.objects.get(act="controls.evidence_opened")
    assert (opened.actor, opened.about) == (str(bo.pk), [made.public_id, made.files[1]["sha256"]])
    assert sign_in(make_operator("eve@kvart.example", may=["view_order"])).get(where[0]).status_code == 403
    assert sign_in(bo).get(where[0].replace(made.files[0]["sha256"], PDF.sha256)).status_code == 404
    # One is taken away: another proposal again.
    change = reverse("admin:controls_proposal_replace", args=[made.pk])
    assert 'type="checkbox" name="kept"' in client.get(change).content.decode()
    client.post(change, told | {"kept": made.files[0]["sha256"]})
    newest = Proposal.objects.get(replaces=made)
    assert [one["name"] for one in newest.files] == ["scan.jpg"]
    shown = client.get(reverse("admin:controls_proposal_change", args=[newest.pk])).content.decode()
    assert "scan.jpg, page.txt" in shown


def test_it_goes_with_time_and_the_proposal_still_names_it(shop, anna, bo):
    at = wall() - timedelta(days=2000)
    done, waiting = (propose(one, anna, files=[PDF], at=at) for one in (shop, open_shop(name="Another")))
    services.withdraw_proposal(proposal_id=done.pk, user=anna, at=at)
    forget_old(at=wall())
    assert list(EvidenceFile.objects.values_list("proposal", flat=True)) == [waiting.pk]
    page = sign_in(anna).get(reverse("admin:controls_proposal_change", args=[done.pk])).content.decode()
    assert ("contract.pdf" in page, "Deleted after its time" in page) == (True, True)
