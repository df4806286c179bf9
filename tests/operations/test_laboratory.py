"""The laboratory in the back office: from an uploaded table to a proposal without a shell; what is wrong is said where it is."""

import gzip
import math

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.services import choose_language_of_user
from controls.models import AuditRow, Proposal
from core.once import new_key
from core.tasks import run_timer
from learning.models import ModelVersion, TablePart, Training
from learning.states import TrainingStatus
from reports import laboratory
from tests.cast import NOW
from tests.credit.models import GOOD, make_model
from tests.learning.conftest import few_trees, of_cases, rows_of_cases
from tests.learning.test_bad_tables import TABLES
from tests.operators import make_boss, make_operator
from tests.portals.reading import text_of
from tests.reports.test_laboratory import TIMER, here
from tests.reports.test_laboratory import text_of as csv_of

__all__ = ["few_trees", "here", "of_cases"]
pytestmark = pytest.mark.django_db
LIST = reverse("admin:learning_training_changelist")


@pytest.fixture
def rita(client):
    """An operator who writes rules, signed in."""
    made = make_operator("rita@kvart.example", name="Rita", may=["propose_rules"])
    client.force_login(made)
    return made


def upload(client, body: bytes, *, once="k", family="credit", name="cases.csv"):
    sent = {"family": family, "source": "file", "table": SimpleUploadedFile(name, body), "once": once}
    return client.post(LIST, sent)


def draft(client, columns=None, **how) -> str:
    """Upload a table, and return the page of its training."""
    answer = upload(client, csv_of(columns or rows_of_cases(300)), **how)
    assert answer.status_code == 302
    return answer["Location"]


def choices(page: str, act: str, *, once="", ways=None, **chosen):
    """What the form of the choices sends."""
    training = Training.objects.get(pk=page.split("/")[-3])
    places = {one["name"]: f"way_{number}" for number, one in enumerate(training.columns)}
    told = {"name": "first", "target": "bad", "positive": "", "act": act, "once": once or new_key()}
    told["seen"] = training.sha256
    return told | {places[name]: way for name, way in (ways or {}).items()} | chosen


def test_from_a_table_to_a_proposal_without_a_shell(client, rita, here, of_cases):
    assert "No training yet" in text_of(client.get(LIST))
    page = draft(client, once="up")
    assert draft(client, once="up") == page
    shown = text_of(client.get(page))
    assert ("income" in shown, "fixed · freelance · none" in shown, TablePart.objects.count()) == (True, True, 1)
    checked = text_of(client.post(page, choices(page, "check", ways={"noise": "drop"})))
    assert ("Nothing is wrong with any of the 300 rows." in checked, "sex is left out: a protected attribute" in checked) == (True, True)
    for _click in range(2):
        assert client.post(page, choices(page, "train", ways={"noise": "drop"}, once="t")).status_code == 302
    waits = text_of(client.get(page))
    assert "It is the next one" in waits
    assert "http-equiv" in client.get(page).content.decode()
    progress = reverse("admin:learning_training_progress", args=[Training.objects.get().pk])
    assert client.get(progress).status_code == 200
    run_timer(TIMER)
    assert client.get(progress).status_code == 204
    version = ModelVersion.objects.get()
    done = text_of(client.get(page))
    assert ("Report of first 1" in done, "No model is champion" in done) == (True, True)
    wish = {"act": "propose", "once": "p", "version": version.public_id, "model": "boosted", "role": "champion", "share": "100"}
    assert "This field is required" in text_of(client.post(page, wish))
    client.post(page, wish | {"reason": "Better"})
    made = Proposal.objects.get()
    assert (made.subject, made.after["version"], made.evidence) == (
        "credit:champion",
        version.public_id,
        "",
    )
    assert "A change is proposed" in text_of(client.get(page))
    acts = AuditRow.objects.filter(act__startswith="learning.training").order_by("id").values_list("act", "actor")
    told = [("learning.training_prepared", str(rita.pk)), ("learning.training_asked", str(rita.pk)), ("learning.training_ended", "worker")]
    assert list(acts) == told
    paul = make_operator("paul@kvart.example", may=["approve_rules"])
    client.force_login(paul)
    assert client.get(page).status_code == 200
    choose_language_of_user(user_id=paul.pk, language="de")
    shown = text_of(client.get(reverse("admin:controls_proposal_change", args=[made.pk])))
    assert ("Kein Modell gilt" in shown, "No model is champion" in shown) == (True, False)
    client.post(reverse("admin:controls_proposal_decide", args=[made.pk]), {"decision": "approve", "confirmed": "1"})
    assert version.roles.get().role == "champion"
    assert client.post(page, choices(page, "train", once="n")).status_code == 403
    assert upload(client, b"a,b\n1,2\n", once="x").status_code == 403


def test_a_table_that_another_operator_swapped_meanwhile_is_not_learned_from(client, rita, here, of_cases):
    page = draft(client)
    choice = choices(page, "train")
    paul = make_operator("paul@kvart.example", name="Paul Ols", may=["propose_rules"])
    client.force_login(paul)
    cases = rows_of_cases(300, seed=5)
    swapped = {"act": "table", "once": new_key(), "table": SimpleUploadedFile("b.csv", csv_of(cases))}
    assert client.post(page, swapped).status_code == 302
    client.force_login(rita)
    for act in ("check", "train"):
        told = text_of(client.post(page, choice | {"act": act, "once": new_key()}))
        assert "Paul Ols put another table in its place. Look at its columns, and ask again." in told
    assert Training.objects.get().status == TrainingStatus.DRAFT
    assert 'Table put there by</dt><dd class="desk-code-line">Paul Ols<' in text_of(client.get(page))
    client.post(page, choices(page, "train"))
    run_timer(TIMER)
    version = ModelVersion.objects.get()
    assert (version.lineage["put_by"], version.made_by) == (str(paul.pk), str(rita.pk))
    report = text_of(client.get(reverse("admin:learning_modelversion_change", args=[version.pk])))
    assert "Paul Ols" in report[report.index("Table put there by") :][:80]


def test_a_table_is_scored_and_downloaded_and_its_faults_are_told(client):
    client.force_login(make_operator("paul@kvart.example", may=["approve_rules"]))
    page = reverse("admin:learning_training_score")
    assert "No version yet" in text_of(client.get(page))
    make_model("forbidden", usable=False)
    assert "No version yet" in text_of(client.get(page))
    version = make_model(percent=20, facts={"paid_late": (2.5, math.log(4))})
    assert "forbidden 1" not in text_of(client.get(page))
    row_of = lambda late: ",".join(map(str, (GOOD | {"paid_late": late}).values()))  # noqa: E731
    sent = lambda text, **more: {"version": version.pk, "model": "both", "table": SimpleUploadedFile("t.csv", text.encode()), **more}  # noqa: E731
    heads = ",".join(GOOD)
    told = client.post(page, sent(f"{heads}\n{row_of(0)}\n{row_of(3)}\n", reasons="on"))
    assert b"".join(told.streaming_content).decode().splitlines() == [
        "line,scorecard,challenger,reasons",
        "2,0.200000,0.200000,",
        "3,0.500000,0.500000,paid_late",
    ]
    assert told["Content-Disposition"] == 'attachment; filename="own-1.csv"'
    lacking = heads.replace("paid_late", "paid")
    assert "The table lacks columns that the model looks at: paid_late" in text_of(client.post(page, sent(f"{lacking}\n{row_of(0)}\n")))
    assert "Line 2: paid_late holds x, which is no number." in text_of(client.post(page, sent(f"{heads}\n{row_of('x')}\n")))
    assert "Score a table" in text_of(client.get(LIST))
    client.force_login(make_operator("olga@kvart.example", may=[]))
    assert client.get(page).status_code == 403


def test_the_champion_stands_beside_the_new_models_in_numbers_and_curves(client, rita, here, of_cases):
    first = draft(client, once="a")
    client.post(first, choices(first, "train", once="b"))
    run_timer(TIMER)
    from learning.services import promote_model

    told = {"family": "credit", "name": "first", "version": 1, "kind": "scorecard", "role": "champion", "share": 100, "reason": "x"}
    promote_model(**told, actor="a", approved_by="b", at=NOW)
    page = draft(client, rows_of_cases(300, seed=2), once="c")
    client.post(page, choices(page, "train", once="d", name="second"))
    run_timer(TIMER)
    shown = client.get(page).content.decode()
    assert shown.count('class="report-chart"') == 3
    assert all(word in shown for word in ("Compared on the same rows", "Champion: first 1, Scorecard", 'class="line-second"'))


@pytest.mark.parametrize(
    ("code", "place", "word"),
    [
        ("one_class", "target", "of one class"),
        ("too_few", "target", "5 rows of one class are too few"),
        ("target_in_words", "positive", "say which one is bad"),
        ("target_not_two", "target", "is not 0 or 1 but 0, 1, 2"),
        ("leak", "recovered", "gives the target away"),
        ("decimal_comma", "rate", "decimal commas"),
        ("mixed", "rate", "numbers and words (unclear)"),
        ("no_columns", "", "No column is left"),
    ],
)
def test_what_is_wrong_with_a_choice_stands_beside_its_field_and_what_was_typed_stays(client, rita, code, place, word):
    page = draft(client, TABLES[code][0])
    answer = client.post(page, choices(page, "train", name="My model 3"))
    form = answer.context["form"]
    names = {one["name"]: f"way_{number}" for number, one in enumerate(Training.objects.get().columns)}
    assert word in str(form.errors[names.get(place, place) or "__all__"])
    assert 'value="My model 3"' in answer.content.decode()
    again = client.get(page)
    assert word in again.content.decode()
    assert (Training.objects.get().status, TablePart.objects.exists()) == (TrainingStatus.DRAFT, True)


def test_words_have_no_direction_and_are_named(client, rita):
    page = draft(client, rows_of_cases(300))
    answer = client.post(page, choices(page, "train", ways={"job": "up", "late": "up"}))
    number = [one["name"] for one in Training.objects.get().columns].index("job")
    assert "job holds words, which have no order" in str(answer.context["form"].errors[f"way_{number}"])
    assert Training.objects.get().status == TrainingStatus.DRAFT
    assert "Nothing is wrong" in text_of(client.post(page, choices(page, "check", ways={"late": "up"})))


def test_numbers_with_decimal_commas_are_shown_as_such_with_some_of_them(client, rita):
    page = draft(client, TABLES["decimal_comma"][0])
    assert "numbers with decimal commas, for example: 0,5 · 1,5" in text_of(client.get(page))


def test_ten_thousand_words_are_named_and_can_be_left_out(client, rita):
    dice = np.random.default_rng(0)
    numbers = [str(value) for value in dice.integers(0, 9, 10_000)]
    columns = {"city": [f"city {number}" for number in range(10_000)], "age_of": numbers, "bad": [str(int(one) % 2) for one in numbers]}
    columns["amount"] = [str(value) for value in dice.integers(0, 900, 10_000)]
    page = draft(client, columns)
    answer = client.post(page, choices(page, "check", ways={"age_of": "drop"}))
    assert "city has 10,000 different words" in str(answer.context["form"].errors["way_0"])
    answer = client.post(page, choices(page, "check", ways={"age_of": "drop", "city": "drop"}))
    assert "Nothing is wrong" in text_of(answer)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "The file has no rows."),
        (b"a,a\n1,2\n", "Columns are named twice: a."),
        (b"a,b\n1,2\n1\n", "Line 3 has another number of cells than the header: 1 instead of 2."),
        (b"a^b\n1^2\n", "Only one column was found: a^b."),
        (b"PK\x03\x04 and so on", "This is an archive"),
        (b"a,b\n1,\xff\n", "The file is not UTF-8 text"),
        (b"a,b\n\0,2\n", "This is no CSV file in UTF-8."),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "The file is damaged"),
        (b",".join(b"c%d" % number for number in range(500)) + b"\n" + b",".join([b"1"] * 500), "The table has 500 columns"),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_name_and_nothing_is_kept(client, rita, body, word):
    answer = upload(client, body, family="fraud")
    assert word in str(answer.context["form"].errors["table"])
    assert 'value="fraud" selected' in answer.content.decode()
    assert (Training.objects.count(), TablePart.objects.count()) == (0, 0)


def test_a_bomb_is_not_unpacked_and_too_large_a_file_not_kept(client, rita, here, monkeypatch):
    monkeypatch.setattr("learning.tables.RATIO_FROM", 1 << 20)
    monkeypatch.setattr("learning.lab.tables.LOOKED_AT", 40)
    monkeypatch.setattr("learning.lab.tables.LEAST_LOOKED_AT", 40)
    bomb = gzip.compress(csv_of(rows_of_cases(300)) + b"\n1,1,1,1,x,f,0" * 300_000)
    assert "unpacks to much more" in str(upload(client, bomb).context["form"].errors["table"])
    monkeypatch.setattr("learning.lab.services.preparing.MB", 100)
    answer = upload(client, csv_of(rows_of_cases(300)), once="b")
    assert "larger than" in str(answer.context["form"].errors["table"])
    assert "Choose a file." in str(client.post(LIST, {"family": "credit", "source": "file", "once": "c"}).context["form"].errors["table"])
    assert (Training.objects.count(), TablePart.objects.count()) == (0, 0)


def test_another_table_takes_the_place_of_one_that_was_refused_and_the_choices_stay(client, rita, here):
    page = draft(client, once="a")
    client.post(page, choices(page, "check", name="Kept", ways={"noise": "drop"}))
    sent = {"act": "table", "once": "t", "table": SimpleUploadedFile("b.csv", b"a,b\n1,2\n1\n")}
    assert "Line 3 has another number" in text_of(client.post(page, sent))
    assert Training.objects.get().file == "cases.csv"
    good = SimpleUploadedFile("better.csv", csv_of(rows_of_cases(400)))
    assert client.post(page, sent | {"once": "u", "table": good}).status_code == 302
    training = Training.objects.get()
    assert (training.file, training.name, training.ways, TablePart.objects.count()) == ("better.csv", "Kept", {"noise": "drop"}, 1)
    TablePart.objects.all().delete()
    assert "Upload it again: your choices are kept." in text_of(client.get(page))


def test_a_training_is_given_up_and_what_broke_off_says_why(client, rita, monkeypatch):
    page = draft(client)
    client.post(page, choices(page, "train"))
    monkeypatch.setattr(laboratory, "launch", lambda training: None)
    run_timer(TIMER)
    Training.objects.update(step="cross", number=2, rounds=5, percent=40)
    shown = text_of(client.get(page))
    assert ("<b>40%</b>" in shown, "cross-validation (2/5)" in shown) == (True, True)
    other = draft(client, once="o")
    client.post(other, choices(other, "train", once="q", name="other"))
    assert "It waits for 1 other training." in text_of(client.get(other))
    client.post(page, {"act": "cancel", "once": "x"})
    assert "It was given up, and its table deleted." in text_of(client.get(page))
    client.post(page, choices(page, "train", once="z"))
    assert Training.objects.filter(status=TrainingStatus.CANCELED).count() == 1
    monkeypatch.setattr(laboratory, "launch", lambda one: laboratory.fail_training(key=one.pk, claim=one.claim, code="memory", at=NOW))
    run_timer(TIMER)
    assert "It needed more memory" in text_of(client.get(other))
    assert "Failed" in text_of(client.get(LIST))


def test_what_a_licence_keeps_out_is_trained_and_not_proposed(client, rita, here):
    cases = rows_of_cases(300)
    dice = np.random.default_rng(5)
    lending = {
        name: [str(value) for value in dice.integers(1, 90, 300)] for name in ("funded_amnt", "annual_inc", "revol_util", "num_il_tl")
    }
    columns = {**lending, "int_rate": cases["income"], "sub_grade": cases["job"], "bad": cases["bad"]}
    page = draft(client, columns)
    client.post(page, choices(page, "train"))
    run_timer(TIMER)
    shown = text_of(client.get(page))
    assert ("the licence of its data (LendingClub 2016 Q1)" in shown, "Propose this model" in shown) == (True, False)
    wish = {"act": "propose", "once": "p", "model": "boosted", "role": "champion", "share": "100", "reason": "x"}
    assert client.post(page, wish | {"version": ModelVersion.objects.get().public_id}).status_code == 403
    assert Proposal.objects.count() == 0


def test_our_own_cases_need_no_file_and_no_target(client, rita):
    answer = client.post(LIST, {"family": "credit", "source": "own", "once": "k"})
    page = answer["Location"]
    shown = client.get(page).content.decode()
    assert ("amount_to_income" in shown, 'name="target"' in shown) == (True, False)
    assert client.post(page, {"name": "own", "act": "train", "once": "t"}).status_code == 302
    training = Training.objects.get()
    assert (training.target, training.status) == ("bad", TrainingStatus.WAITING)


def test_the_list_costs_the_same_however_long_it_is_and_speaks_each_language(client, django_assert_max_num_queries):
    boss = make_boss()
    client.force_login(boss)
    page = draft(client)
    for number in range(6):
        Training.objects.create(family="credit", source="own", name=f"model {number}", made_by=str(boss.pk), made_at=NOW)
    with django_assert_max_num_queries(16):
        assert text_of(client.get(LIST)).count("model 5") == 1
    for language, word in {"da": "Laboratorium", "sv": "Laboratorium", "de": "Labor"}.items():
        choose_language_of_user(user_id=boss.pk, language=language)
        assert word in text_of(client.get(page))


def test_the_laboratory_is_for_those_who_see_models(client):
    client.force_login(make_operator("vera@kvart.example", may=["view_consumer"]))
    assert client.get(LIST).status_code == 403
    client.force_login(make_operator("fred@kvart.example", may=["view_ruleversion"]))
    assert client.get(LIST).status_code == 200
    assert client.post(LIST, {"family": "credit", "source": "own", "once": "k"}).status_code == 403
