"""What is logged tells of nobody."""

import logging

import pytest

from core.logs import Formatter, told, without_personal_data


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Not Found: /checkout/anna@example.com/card", "Not Found: /checkout/[removed]/card"),
        ("Not Found: /find?to=anna%40example.com&x=1", "Not Found: /find?to=[removed]&x=1"),
        ("Not Found: /søren@bücher.example", "Not Found: /[removed]"),
        ("Not Found: /+12025550147", "Not Found: /[removed]"),
        ("Not Found: /call/%2B12025550147", "Not Found: /call/[removed]"),
        ("Not Found: /x/anna%2540example.com", "Not Found: /x/[removed]"),
        ("Not Found: /x/anna\\uff20example.com", "Not Found: /x/[removed]"),
        ("Not Found: /x/anna\uff20example.com", "Not Found: /x/[removed]"),
        ('Not Found: /x/"anna nielsen"@example.com', "Not Found: /x/[removed]"),
        ("Not Found: /x/%22anna%20nielsen%22%40example.com", "Not Found: /x/[removed]"),
        ("Not Found: /x/anna@[192.0.2.1]", "Not Found: /x/[removed]"),
        ("Not Found: /x/2125550199/y", "Not Found: /x/[removed]/y"),
        ("Not Found: /x/(212) 555-0199", "Not Found: /x/[removed]"),
        ("Not Found: /x/%2B45%2020%2012%2034%2056", "Not Found: /x/[removed]"),
        ("Not Found: /x/4242%204242%204242%204242", "Not Found: /x/[removed]"),
        ("card 4242 4242 4242 4242 refused", "card [removed] refused"),
        ("Forbidden: /admin/checkout/order/01993355-1122-7b3c-9d4e-5f6071829304/change/", "same"),
        ("/static/app.0123456789.css took 12345678 of 12345678 on 2026/11/28", "same"),
        ("Gone: /merchant/invitations/01a21e61-b2b8-76ee-9e82-5fc7f00d1013/c9x-abcdef0123", None),
        ("Forbidden: /merchant/orders/ord_agrb4yn64v347iv4czneor5asq", "same"),
        ("2026-11-27 19:00:52,289 WARNING x took 1234 ms, 01a21e61-b2b8-76ee-9e82-5fc7f00d1013", "same"),
    ],
)
def test_personal_data_is_taken_out(text, clean):
    wanted = {"same": text, None: "Gone: /merchant/invitations/01a21e61-b2b8-76ee-9e82-5fc7f00d1013/[removed]"}.get(clean, clean)
    assert without_personal_data(text) == wanted


def test_an_exception_s_words_are_cleaned_too():
    try:
        raise ValueError("anna@example.com is taken")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 0, "failed for %s", ("bo@example.com",), (type(error), error, error.__traceback__)
        )
    line = Formatter("%(levelname)s %(message)s").format(record)
    assert "example.com" not in line
    assert line.startswith("ERROR failed for [removed]")


def test_a_line_is_a_name_and_its_facts():
    assert told("signed_in", user="u1", address="ab cd", note="") == "signed_in user=u1 address=ab_cd note=-"
