"""Operators: the language of their pages and letters."""

import pytest
from django.conf import settings

from accounts.models import User
from accounts.services import choose_language_of_user
from core.errors import Invalid
from notifications.letters import in_language_of
from notifications.models import Message

pytestmark = pytest.mark.django_db


def test_an_operator_chooses_a_language_which_stays_in_their_account(client, operators):
    operator, _ = operators
    client.force_login(operator)
    page = client.get("/admin/")
    assert (page["Content-Language"], "Work list" in page.content.decode()) == ("en", True)
    assert 'action="/language"' in page.content.decode()

    answer = client.post("/language", {"language": "da", "next": "/admin/"})
    assert (answer.status_code, answer["Location"]) == (303, "/admin/")
    assert User.objects.get(pk=operator.pk).language == "da"

    client.cookies.pop(settings.LANGUAGE_COOKIE_NAME)
    page = client.get("/admin/")
    assert (page["Content-Language"], "Arbejdsliste" in page.content.decode()) == ("da", True)


@pytest.mark.parametrize("path", ["/admin/login/?next=/admin/", "/admin/password/"])
def test_who_is_not_signed_in_chooses_a_language_too(client, path):
    page = client.get(path).content.decode()
    assert 'action="/language"' in page
    assert f'name="next" value="{path}"' in page
    client.post("/language", {"language": "de", "next": path})
    assert client.get(path)["Content-Language"] == "de"


def test_an_operator_s_letters_are_in_their_language(operators):
    operator, other = operators
    choose_language_of_user(user_id=operator.pk, language="sv")
    operator.refresh_from_db()
    assert in_language_of(Message(user=operator)).language == "sv"
    assert in_language_of(Message(user=other)).language == "en"


def test_no_other_language_is_kept(operators):
    with pytest.raises(Invalid):
        choose_language_of_user(user_id=operators[0].pk, language="tlh")
    assert User.objects.get(pk=operators[0].pk).language == ""
