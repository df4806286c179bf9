"""Text and files that are sent with the form by which something is proposed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from controls.models import Proposal
from controls.queries import list_files
from tests.controls.test_evidence_files import NOTE, PDF
from tests.controls.test_replacing import anna, shop, sign_in

__all__ = ["anna", "shop"]
pytestmark = pytest.mark.django_db


def test_a_proposal_is_made_with_what_shows_it(shop, anna):
    client = sign_in(anna)
    page = client.get(reverse("admin:merchants_merchant_change", args=[shop.pk])).content.decode()
    assert page.count('name="proof_files"') == page.count('enctype="multipart/form-data"') == 2
    account = reverse("admin:merchants_merchant_account", args=[shop.pk])
    told = {"payout_destination": "bank_2", "reason": "agreed"}
    bad = client.post(account, told | {"proof_files": [SimpleUploadedFile("a.gif", b"GIF89a\x00")]}, follow=True).content.decode()
    assert ("only PDF, PNG, JPEG and plain text" in bad, Proposal.objects.count()) == (True, 0)
    files = [SimpleUploadedFile(one.name, one.body) for one in (PDF, NOTE)]
    client.post(account, told | {"proof": "https://bank.example/letter", "proof_files": files})
    made = Proposal.objects.get()
    assert (made.evidence, list_files(made)) == ("https://bank.example/letter", [PDF, NOTE])
