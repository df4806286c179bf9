"""Income and costs in the checkout: asked only where the market's law wants them, once, with clear errors, and decided with."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Consumer
from checkout.coarse import load_rejected
from checkout.models import Checkout, Order
from checkout.refusing import rejected_for
from checkout.services import prepare_review, reject_review
from core import remote
from credit.models import Decision, Declaration
from credit.replaying import replay
from credit.services import poll_referrals
from markets.queries import affordability_rows
from markets.services import load_markets
from simulation.shopper import identify
from tests.portals.reading import asked_again, text_of
from tests.shops import open_shop

pytestmark = pytest.mark.django_db
FIGURES = {"income_minor": "3.400,00", "housing_minor": "1 100", "credit_minor": "0", "dependants": "1"}


@pytest.fixture(autouse=True)
def laws(db):
    """The product's own data of the markets is in force."""
    load_markets()
    affordability_rows.forget()
    yield
    affordability_rows.keep([])


@pytest.fixture
def shop(db):
    """A shop in Germany."""
    return open_shop("DE")


@pytest.fixture
def come(client, open_checkout, sign_in, moment, shop, email):
    """Give a function that brings a person of a persona to the decision of a checkout: (checkout, consumer, the page)."""

    def do(amount: int = 120_000, persona: str = "+well_off", *, address: str = "") -> tuple[Checkout, Consumer, object]:
        checkout = open_checkout(amount, shop=shop)
        consumer = identify(checkout=checkout, email=address or email(persona), at=moment)
        sign_in(client, consumer)
        client.post(path(checkout, "proceed"))
        return checkout, consumer, client.get(path(checkout))

    return do


def path(checkout: Checkout, step: str = "") -> str:
    return f"/checkout/{checkout.public_id}" + (f"/{step}" if step else "")


def plans(page) -> list[str]:
    """Return the products that a page offers."""
    return [one["value"] for one in page.context["plans"]]


def test_a_purchase_above_the_amount_asks_once_and_goes_on(client, come):
    checkout, consumer, page = come()
    told = text_of(page)
    assert "What is left in a month?" in told
    assert "Your income in a month, after tax (EUR)" in told
    assert "ask again after 90 days" in told
    assert Decision.objects.count() == 0
    client.post(path(checkout, "figures"), FIGURES)
    declaration = Declaration.objects.get()
    assert declaration.figures == {"income_minor": 340_000, "housing_minor": 110_000, "credit_minor": 0, "dependants": 1}
    assert (declaration.consumer, declaration.currency, declaration.reference) == (consumer, "EUR", checkout.public_id)
    assert "pay_in_4" in plans(client.get(path(checkout)))
    decision = Decision.objects.get()
    assert (decision.outcome, decision.versions["affordability"]) == ("approve", "DE 2026-11-20")
    assert decision.inputs["afford"]["declared"]["income_minor"] == 340_000
    _, _, page = come(address=consumer.email)
    assert "pay_in_4" in plans(page)
    assert Declaration.objects.count() == 1


@pytest.mark.parametrize("amount", [5_000, 99_999])
def test_below_the_amount_there_is_no_further_step(come, amount):
    _, _, page = come(amount)
    assert "pay_in_4" in plans(page)
    assert Decision.objects.get().outcome == "approve"


def test_a_person_who_is_declined_anyway_is_not_asked(come):
    _, _, page = come(persona="+decline")
    assert "We cannot offer you a plan this time" in text_of(page)


def test_plans_whose_payments_are_too_high_are_not_offered(client, come):
    checkout, _, _ = come()
    client.post(path(checkout, "figures"), FIGURES | {"income_minor": "2.700"})
    assert plans(client.get(path(checkout))) == ["monthly_6", "monthly_12"]
    assert Decision.objects.get().outcome == "approve"


def test_who_cannot_afford_it_reads_why_and_what_would_help(client, come):
    checkout, _, _ = come()
    client.post(path(checkout, "figures"), FIGURES | {"income_minor": "2.250"})
    page = text_of(client.get(path(checkout)))
    assert "The payments are more than your income leaves after your costs." in page
    assert Decision.objects.get().reasons == ["payments_too_high"]
    assert "€" in page.split("The main reason")[1]


def test_far_more_than_the_bureau_knows_waits_for_people(client, come):
    checkout, _, _ = come(120_000, "+approve")
    client.post(path(checkout, "figures"), FIGURES | {"income_minor": "15.000"})
    assert (Decision.objects.get().outcome, Decision.objects.get().reasons) == ("refer", ["figures_differ"])


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("income_minor", "", "Enter your income, 0 for none."),
        ("housing_minor", "", "Enter what you pay for housing, 0 for nothing."),
        ("credit_minor", " ", "Enter what you pay for other credit, 0 for nothing."),
        ("dependants", "", "Enter how many people live on your income, 0 for nobody."),
        ("income_minor", "-5", "Enter digits alone, such as 12000."),
        ("income_minor", "9" * 23, "Enter digits alone, such as 12000."),
        ("income_minor", "NaN", "Enter digits alone, such as 12000."),
        ("housing_minor", "1e9", "Enter digits alone, such as 12000."),
        ("housing_minor", "1<script>alert(1)", "Enter digits alone, such as 12000."),
        ("dependants", "21", "Enter a number from 0 to 20."),
        ("dependants", "-1", "Enter a number from 0 to 20."),
        ("dependants", "1.5", "Enter a number from 0 to 20."),
        ("dependants", "one", "Enter a number from 0 to 20."),
    ],
)
def test_a_wrong_figure_is_named_and_the_others_are_kept(client, come, name, value, fault):
    checkout, _, _ = come()
    page = asked_again(client.post(path(checkout, "figures"), FIGURES | {name: value}))
    assert list(page.context["form"].errors) == [name]
    told = text_of(page)
    assert fault in told
    assert f'id="id_{name}_error"' in told
    assert "<script>alert" not in told
    assert all(f'value="{FIGURES[other]}"' in told for other in FIGURES if other != name)
    assert (Declaration.objects.count(), Decision.objects.count()) == (0, 0)


def test_a_missing_body_names_all_four(client, come):
    checkout, _, _ = come()
    page = asked_again(client.post(path(checkout, "figures"), {}))
    assert list(page.context["form"].errors) == list(FIGURES)


def test_the_step_is_nobody_elses_and_of_no_other_moment(client, come, open_checkout, email, sign_in, moment, shop):
    checkout, _, _ = come()
    stranger = sign_in(Client(), identify(checkout=open_checkout(5_000, shop=shop), email=email("+approve"), at=moment))
    for browser in (Client(), stranger):
        for answer in (browser.get(path(checkout, "figures")), browser.post(path(checkout, "figures"), FIGURES)):
            assert (answer.status_code, answer["Location"]) == (302, path(checkout))
        assert "What is left in a month?" not in text_of(browser.get(path(checkout)))
    assert Declaration.objects.count() == 0
    client.post(path(checkout, "figures"), FIGURES)
    client.post(path(checkout, "figures"), FIGURES | {"income_minor": "9.000"})
    assert Declaration.objects.get().figures["income_minor"] == 340_000


def test_a_persons_copy_has_what_they_declared(client, come):
    checkout, _, _ = come()
    client.post(path(checkout, "figures"), FIGURES)
    told = client.get(reverse("profile_copy")).json()
    assert [row["figures"]["dependants"] for row in told["income_and_costs"]] == [1]
    assert told["sections"]["income_and_costs"] == "What you told us of your income and costs"


def test_an_order_with_doubtful_figures_is_held_for_people_whatever_the_bureau_says(client, come, buy, operators, moment):
    checkout, consumer, _ = come(80_000, "+approve+refer_approve_05")
    assert Decision.objects.get().reasons == ["manual_review"]
    assert "pay_in_4" in plans(client.get(path(checkout)))
    checkout, _, _ = come(120_000, address=consumer.email)
    client.post(path(checkout, "figures"), FIGURES | {"income_minor": "15.000"})
    order = buy.finish(checkout, consumer.email, at=moment).order
    assert [cause["code"] for cause in order.review.causes] == ["figures_differ", "referred", "order_limit"]
    assert (order.status, order.review.reason) == ("pending_review", "figures")
    remote.sandbox().post("/control/clock", {"forward_seconds": 300})
    later = moment + timedelta(minutes=10)
    assert poll_referrals(at=later) >= 1
    order = Order.objects.get(pk=order.pk)
    assert (order.status, order.review.source_review) == ("pending_review", "approve")
    told = {"review_id": order.review.id, "at": later}
    prepare_review(user=operators[0], recommendation="reject", note="No payslip", **told)
    reject_review(user=operators[1], seen=1, reason="No payslip", **told)
    order = Order.objects.get(pk=order.pk)
    assert (order.status, load_rejected([order])) == ("rejected", {order.pk: "credit"})
    assert rejected_for(order.review)[0] == "income_not_confirmed"


def test_the_whole_leads_to_an_order(client, come, buy, moment):
    checkout, consumer, _ = come()
    client.post(path(checkout, "figures"), FIGURES)
    outcome = buy.finish(checkout, consumer.email, at=moment)
    assert (outcome.outcome, Order.objects.get().amount_minor) == ("authorized", 120_000)


TOO_LITTLE = FIGURES | {"income_minor": "2.250"}


def test_who_was_refused_for_their_figures_corrects_them_and_a_person_looks_at_better_ones(client, come, buy, moment):
    checkout, consumer, _ = come()
    client.post(path(checkout, "figures"), TOO_LITTLE)
    page = client.get(path(checkout))
    assert f'href="{path(checkout, "figures")}"' in page.content.decode()
    form = client.get(path(checkout, "figures"))
    assert "Correct your income and costs" in text_of(form)
    assert 'value="2250.00"' in form.content.decode() or 'value="2250,00"' in form.content.decode()
    client.post(path(checkout, "figures"), FIGURES)
    first, second = Decision.objects.order_by("id")
    assert (first.reasons, second.outcome, second.reasons) == (["payments_too_high"], "refer", ["figures_raised"])
    assert [one.is_raised for one in Declaration.objects.order_by("id")] == [False, True]
    assert "pay_in_4" in plans(client.get(path(checkout)))
    order = buy.finish(checkout, consumer.email, at=moment).order
    assert ([cause["code"] for cause in order.review.causes], order.review.reason) == (["figures_raised"], "figures")
    assert [replay(one).differences for one in (first, second)] == [{}, {}]


def test_figures_that_leave_less_are_no_reason_to_look(client, come):
    checkout, _, _ = come()
    client.post(path(checkout, "figures"), TOO_LITTLE)
    client.post(path(checkout, "figures"), TOO_LITTLE | {"housing_minor": "1 200"})
    assert [one.is_raised for one in Declaration.objects.all()] == [False, False]
    assert [one.reasons for one in Decision.objects.all()] == [["payments_too_high"]] * 2
    client.post(path(checkout, "figures"), TOO_LITTLE | {"housing_minor": "1 150"})
    assert Declaration.objects.latest("at").is_raised
    assert "You have told us other figures several times today." in text_of(asked_again(client.post(path(checkout, "figures"), FIGURES)))
    assert (Declaration.objects.count(), Decision.objects.count()) == (3, 3)


def test_a_refusal_for_another_reason_has_nothing_to_correct(client, come):
    checkout, _, _ = come(persona="+decline")
    assert "Correct your income and costs" not in text_of(client.get(path(checkout)))
    client.post(path(checkout, "figures"), FIGURES)
    assert Declaration.objects.count() == 0


def test_a_person_sees_and_corrects_what_they_told_on_their_own_page(client, come, email, moment, sign_in, shop, open_checkout):
    checkout, _, _ = come()
    nothing = text_of(client.get(reverse("figures")))
    assert "You have told us nothing that counts" in nothing
    client.post(reverse("figures"), FIGURES)
    assert Declaration.objects.count() == 0
    client.post(path(checkout, "figures"), FIGURES)
    assert "you told us of an income of" in text_of(client.get(reverse("limit")))
    page = client.get(reverse("figures"))
    assert page.context["form"].initial == Declaration.objects.get().figures
    wrong = client.post(reverse("figures"), FIGURES | {"dependants": "99"})
    assert "Enter a number from 0 to 20." in text_of(wrong)
    told = client.post(reverse("figures"), FIGURES | {"income_minor": "3.600"}, follow=True)
    assert "Your next purchase is decided with these figures." in text_of(told)
    last = Declaration.objects.latest("at")
    assert (last.figures["income_minor"], last.reference, last.is_raised) == (360_000, "", False)
    assert len(client.get(reverse("figures")).context["told"]) == 2
    copy = client.get(reverse("profile_copy")).json()
    assert [row["is_raised"] for row in copy["income_and_costs"]] == [False, False]
    stranger = sign_in(Client(), identify(checkout=open_checkout(5_000, shop=shop), email=email("+approve"), at=moment))
    assert "You have told us nothing that counts" in text_of(stranger.get(reverse("figures")))


def test_better_figures_on_the_own_page_after_a_refusal_are_told_to_wait_for_a_person(client, come):
    checkout, _, _ = come()
    client.post(path(checkout, "figures"), TOO_LITTLE)
    told = client.post(reverse("figures"), FIGURES, follow=True)
    assert "A person looks at these figures with your next purchase" in text_of(told)
