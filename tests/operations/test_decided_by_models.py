"""The page of a credit decision names the models, what they said, what raised the risk, and the rule that gave the grade."""

import re

import pytest
from django.urls import reverse

from controls.kinds import get_kind
from controls.services.ruling import forget_rules
from controls.services.shipping import ship_rules
from core.errors import Conflict
from credit.models import Decision
from credit.scoring import roles_of_credit
from learning.models import ModelVersion
from learning.queries import scorer_of
from tests.credit.models import give, make_model
from tests.operators import make_operator
from tests.owner import unguarded

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(client):
    """Give a function that reads the page of the last decision as an operator, as text."""
    client.force_login(make_operator("lea@kvart.example", may=["view_decision"]))

    def page() -> str:
        found = client.get(reverse("admin:credit_decision_change", args=[Decision.objects.latest("id").pk]))
        assert found.status_code == 200
        return " ".join(re.sub(r"<[^>]+>", " ", found.content.decode()).split())

    return page


def test_the_page_names_the_models_and_the_grade(buy, merchant, read):
    ship_rules()
    forget_rules()
    give(make_model(percent=4, facts={"paid_on_time": (-3, 0.5)}))
    give(make_model("other", percent=30), "shadow")
    buy.finish(buy.open(merchant, 20_000), "hal+approve@people.example")
    said = read()
    for told in ("Probability of a bad end 6.43%", "Points, which did not count 900", "Champion decided own 1 · Boosted trees 6.43%"):
        assert told in said
    assert "Shadow other 1 · Boosted trees 30%" in said
    assert "Grade C: 25% of a month's income Rule “Probability for grade C” (version 1)" in said.replace("&#x27;", "'")
    assert "What raised the probability part of the log odds Payments made in time +0.5" in said


def test_the_page_says_that_a_model_could_not_be_asked(buy, merchant, read):
    version = make_model(percent=4)
    with unguarded():
        ModelVersion.objects.filter(pk=version.pk).update(flat=b"spoilt")
    scorer_of.cache_clear()
    give(version)
    roles_of_credit.forget()
    buy.finish(buy.open(merchant, 20_000), "hal+approve@people.example")
    said = read()
    assert "Champion could not be asked: its stored form is damaged" in said
    assert "Score 900" in said


def test_a_model_that_would_decide_nothing_is_no_champion_and_a_shadow_with_a_caution(db):
    kind = get_kind("learning.role")
    own, other = make_model(lineage={"columns": ["bureau_score", "paid_late"]}), make_model("other", lineage={"columns": ["income", "job"]})
    after = {"model": "boosted", "share": 100}
    assert kind.cautions("credit:champion", after | {"version": own.public_id}) == []
    (told,) = kind.cautions("credit:shadow", after | {"version": other.public_id})
    assert "(income, job)" in told
    kind.check("credit:champion", after | {"version": own.public_id}, None)
    kind.check("credit:shadow", after | {"version": other.public_id}, None)
    for role in ("champion", "challenger"):
        with pytest.raises(Conflict, match=r"\(income, job\)"):
            kind.check(f"credit:{role}", after | {"version": other.public_id}, None)
