"""Models of risk in the back office: two people put another model to work, and nobody else does."""

import numpy as np
import pytest
from django.urls import reverse

from accounts.services import choose_language_of_user
from controls import services
from controls.models import Proposal
from core.clock import wall
from core.errors import Conflict, Invalid
from learning.flat import Flat, Scorer
from learning.lab.comparing import measured_of
from learning.models import ModelVersion, RoleChange, Training
from learning.queries import list_roles
from learning.recipe import Recipe
from learning.reporting.proposed import evidence_for
from learning.reporting.whole import Rows, bases_of, report_of
from learning.services import roll_back_model
from learning.tables import Table, Words
from tests.operators import make_boss, make_operator
from tests.portals.reading import text_of

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:learning_modelversion_changelist")


def version(**how) -> ModelVersion:
    """A version of which nothing was learned."""
    kept = {"family": "fraud", "name": "own", "version": 1, "code": "x", "made_by": "x", "made_at": wall(), "lineage": {"rows": 150}}
    figures = {kind: {"auc": 0.9, "ks": 0.6, "brier": 0.1, "ece": 0.01} for kind in ("scorecard", "boosted")}
    kept |= {"stored": b"", "stored_digest": "x", "flat": b"", "flat_digest": "x", "card": {"figures": figures}}
    return ModelVersion.objects.create(**kept | how)


@pytest.fixture
def model(db, monkeypatch) -> ModelVersion:
    monkeypatch.setattr("learning.services.restore", lambda stored, digest: None)
    monkeypatch.setattr("learning.queries.scorer_of", lambda key: None)
    return version()


def asked(model, **told):
    return {"version": model.public_id, "model": "boosted", "role": "champion", "share": "100", "reason": "Better", "once": "k"} | told


def test_two_people_put_a_model_to_work(model, client):
    rita, paul = make_operator("rita@kvart.example", may=["propose_rules"]), make_operator("paul@kvart.example", may=["approve_rules"])
    client.force_login(rita)
    shown = text_of(client.get(PAGE))
    assert ("own 1" in shown, "from 150 rows" in shown, "AUC 0.9" in shown) == (True, True, True)
    assert "Only a challenger" in shown
    for wrong in ({"share": "40"}, {"share": "0"}, {"version": "mdl_x"}, {"reason": ""}):
        client.post(PAGE, asked(model, once=str(wrong), **wrong))
    assert Proposal.objects.count() == 0
    for _click in range(2):
        client.post(PAGE, asked(model, proof="The report of March"))
    made = Proposal.objects.get()
    assert (made.subject, made.evidence, RoleChange.objects.count()) == ("fraud:champion", "The report of March", 0)
    decide = reverse("admin:controls_proposal_decide", args=[made.pk])
    client.post(decide, {"decision": "approve", "confirmed": "1"})
    client.force_login(paul)
    page = text_of(client.get(reverse("admin:controls_proposal_change", args=[made.pk])))
    for word in ("Risk of fraud: Champion", "own 1", "Boosted trees", "100%"):
        assert word in page, word
    assert client.post(PAGE, asked(model, once="other")).status_code == 403
    client.post(decide, {"decision": "approve", "confirmed": "1"})
    held = RoleChange.objects.get()
    assert (held.version, held.kind, held.role, held.share, held.reason) == (model, "boosted", "champion", 100, "Better")
    assert (held.proposed_by, held.approved_by) == (str(rita.pk), str(paul.pk))
    assert "Champion" in text_of(client.get(PAGE))


def test_one_operator_takes_a_role_back_to_what_had_it_and_then_away(model, client):
    rita = make_operator("rita@kvart.example", may=["propose_rules"])
    first, second = model, version(version=2)
    about = {"family": "fraud", "role": "champion", "kind": "boosted", "proposed_by": "a", "approved_by": "b", "at": wall()}
    for one in (first, second):
        RoleChange.objects.create(version=one, **about)
    client.force_login(rita)
    assert "Take it back" in text_of(client.get(PAGE))
    seen = lambda: str(RoleChange.objects.latest("number").pk)  # noqa: E731
    sent = {"family": "fraud", "role": "champion", "reason": "It drifts", "once": "1", "seen": seen()}
    client.post(PAGE, sent | {"act": "back", "reason": " "})
    assert RoleChange.objects.count() == 2
    for _click in range(2):
        client.post(PAGE, sent | {"act": "back", "once": "2"})
    assert (list_roles("fraud")["champion"].version, RoleChange.objects.count()) == (first, 3)
    assert "The role has changed meanwhile." in text_of(client.post(PAGE, sent | {"act": "back", "once": "3"}, follow=True))
    sent["seen"] = seen()
    assert "No model had this role before." in text_of(client.post(PAGE, sent | {"act": "back", "once": "x"}, follow=True))
    client.post(PAGE, sent | {"act": "end", "once": "4"})
    assert list_roles("fraud") == {}
    assert RoleChange.objects.latest("number").proposed_by == str(rita.pk)
    assert client.post(PAGE, sent | {"act": "end", "role": "king", "once": "5"}).status_code == 403
    client.force_login(make_operator("paul@kvart.example", may=["approve_rules"]))
    assert client.post(PAGE, sent | {"act": "end", "once": "6"}).status_code == 403


def test_a_version_that_must_not_be_used_is_neither_offered_nor_proposed(client):
    boss, model = make_boss(), version(usable=False)
    client.force_login(boss)
    shown = text_of(client.get(PAGE))
    assert ("Not for use" in shown, "Propose this model" in shown) == (True, False)
    after = {"version": model.public_id, "model": "boosted", "share": 100}
    about = {"kind": "learning.role", "reason": "x", "starts_on": None, "user": boss, "at": wall()}
    with pytest.raises(Conflict):
        services.propose(subject="fraud:champion", after=after, **about)
    with pytest.raises(Invalid):
        services.propose(subject="credit:champion", after=after, **about)
    assert Proposal.objects.count() == 0


def reported() -> dict:
    """The card of a model with one column, which tells late cases from early ones."""
    part = {"knots": [5.0], "y": [-1.0, 1.0, 0.0], "x0": [0.0, 0.0], "slope": [0.0, 0.0]}
    scorer = Scorer(Recipe(["hour"], {}, []), {"boosted": Flat({"base": 0.0, "parts": [part], "pairs": []})}, {"hour": 2.0})
    hours = np.arange(100.0) % 10
    table = Table({"hour": hours}, 100)
    rows = Rows(table, (hours > 6).astype(float), {"sex": Words((np.arange(100) % 2).astype(np.int32), ["f", "m"])})
    bases = bases_of(table, {"boosted": hours / 10}, ["hour"])
    return {"figures": {}, "reports": {"boosted": report_of(rows, scorer, "boosted", base=bases)}, "bases": bases}


def test_the_page_of_a_version_shows_its_report_in_the_reader_s_language(client):
    model = version(card=reported())
    boss = make_boss()
    client.force_login(boss)
    page = reverse("admin:learning_modelversion_change", args=[model.pk])
    shown = client.get(page).content.decode()
    for word in ("Report of the model own 1", "ROC curve", "Stability of each column", "Fairness: sex", "css/report.css"):
        assert word in shown, word
    assert shown.count('class="report-chart"') == 7
    old = version(version=2)
    assert "before reports were kept" in client.get(reverse("admin:learning_modelversion_change", args=[old.pk])).content.decode()
    choose_language_of_user(user_id=boss.pk, language="de")
    assert "Bericht über das Modell own 1" in client.get(page).content.decode()
    client.force_login(make_operator("rita@kvart.example", may=[]))
    assert client.get(page).status_code == 403


def test_who_decides_sees_what_the_model_is_worth_beside_the_champion(client):
    rita, boss = make_operator("rita@kvart.example", may=["propose_rules"]), make_boss()
    champion, model = version(card=reported()), version(version=2, card=reported())
    about = {"family": "fraud", "role": "champion", "kind": "boosted", "proposed_by": "a", "approved_by": "b", "at": wall()}
    RoleChange.objects.create(version=champion, **about)
    after = {"version": model.public_id, "model": "boosted", "share": 100}
    services.propose(kind="learning.role", subject="fraud:champion", after=after, reason="x", starts_on=None, user=rita, at=wall())
    client.force_login(boss)
    page = reverse("admin:controls_proposal_change", args=[Proposal.objects.get().pk])
    shown = text_of(client.get(page))
    for word in (
        "What it is worth",
        "own 2, Boosted trees",
        "Champion: own 1, Boosted trees",
        "AUC",
        "Brier",
        "ECE",
        "where 80% are approved",
    ):
        assert word in shown, word
    assert "Each was measured on the rows" in shown
    assert reverse("admin:learning_modelversion_change", args=[model.pk]) in client.get(page).content.decode()
    choose_language_of_user(user_id=boss.pk, language="de")
    assert "Was es wert ist" in text_of(client.get(page))


def test_models_compared_on_the_same_rows_say_so():
    champion, model = version(card=reported()), version(version=2, card=reported())
    change = RoleChange.objects.create(
        family="fraud", role="champion", kind="boosted", proposed_by="a", approved_by="b", at=wall(), version=champion
    )
    found = measured_of(np.array([0.0, 1.0] * 50), np.linspace(0.1, 0.9, 100)) | {"champion": str(champion), "kind": "boosted"}
    made = Training.objects.create(family="fraud", source="own", made_by="a", made_at=wall())
    for step in ({"status": "waiting"}, {"status": "running"}, {"status": "trained", "version": model, "found": found, "ended_at": wall()}):
        Training.objects.filter(pk=made.pk).update(**step)
    told = evidence_for(model, "boosted", change)
    assert told.text.startswith("Both were measured on the same rows")
    assert [len(row) for row in told.rows] == [7, 7]
    assert told.rows[1][-2:] == ["50%", "50%"]
    assert evidence_for(version(version=3), "boosted", change) is None


@pytest.mark.django_db(transaction=True)
def test_of_two_operators_who_take_a_role_back_at_once_one_does(at_once):
    """Both saw the third change in force: the second one must not go back one more step."""
    for number in (1, 2, 3):
        made = {"proposed_by": "a", "approved_by": "b", "at": wall(), "version": version(version=number)}
        seen = RoleChange.objects.create(family="fraud", role="champion", kind="boosted", **made)
    told = {"family": "fraud", "role": "champion", "reason": "Worse", "seen": str(seen.pk)}
    done = at_once(4, lambda number: roll_back_model(**told, actor=f"operator {number}", at=wall()))
    assert sorted(type(one).__name__ for one in done) == ["Refused", "Refused", "Refused", "RoleChange"]
    assert list_roles("fraud")["champion"].version.version == 2
