"""What an event and a failed try are about, in words for pages."""

from datetime import date

import pytest

from webhooks.models import MerchantEvent
from webhooks.queries import EventSubject, subject_of
from webhooks.rules import in_words


@pytest.mark.parametrize(
    ("data", "subject"),
    [
        ({"merchant_reference": "R-1", "order_id": "ord_a"}, EventSubject("R-1")),
        ({"merchant_reference": "", "order_id": "ord_a"}, EventSubject("ord_a")),
        ({"checkout_id": "chk_a"}, EventSubject("chk_a")),
        ({"settlement_id": "set_a", "date": "2026-11-28"}, EventSubject("set_a", date(2026, 11, 28))),
        ({"settlement_id": "set_a"}, EventSubject("set_a")),
        ({"order_id": "ord_a", "date": "2026-11-28"}, EventSubject("ord_a")),
        ({}, EventSubject("")),
    ],
)
def test_an_event_is_about_the_shops_own_reference_or_our_id(data, subject):
    assert subject_of(MerchantEvent(data=data)) == subject


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("ConnectionRefusedError: [Errno 111] Connection refused", "Connection refused"),
        ("SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] self-signed", "self-signed"),
        ("TimeoutError: timed out", "timed out"),
        ("The address is not allowed.", "The address is not allowed."),
        ("Said Error: no", "Said Error: no"),
        ("", ""),
    ],
)
def test_an_error_is_told_without_the_name_and_number_of_the_exception(stored, told):
    assert in_words(stored) == told
