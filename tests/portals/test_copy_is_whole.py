"""Every table that leads to a person is in the copy of their data, or named here with the reason why it is not."""

import ast
import inspect
import re
from collections.abc import Iterator

from django.apps import apps
from django.db.models import Model

from accounts.models import Consumer, Look
from core.catalogs import languages
from core.readable import readable
from core.translations import read_catalog
from portals.consumer.account import copied_plans, copying
from portals.consumer.account.copying import SECTIONS

OTHERS = "It is about others too, or would teach how to avoid what stops fraud (GDPR, art. 15(4), recital 63)."
NOT_TOLD = "The law forbids telling the person (Directive (EU) 2015/849, art. 39)."
NO_WORDS = "A hash or a key that nobody can read; what it is made of is in the copy."
INSIDE = "A part of something in the copy, which tells the same."
AT_WORK = "What people here have to do, which says nothing about the person."

NO_FIELDS = {"ensure_ascii", "indent", "pk", "computer", "doubted", "privacy", "how_to_read", "sections", "late_notice", "plan_id"}
LEFT_OUT = {
    "fraud.FraudCase": OTHERS,
    "fraud.Label": OTHERS,
    "fraud.Link": OTHERS,
    "fraud.Member": OTHERS,
    "fraud.Sighting": OTHERS,
    "fraud.ListEntry": OTHERS,
    "fraud.LaunderingAlert": NOT_TOLD,
    "accounts.ScreeningMatch": NOT_TOLD,
    "accounts.Screened": NOT_TOLD,
    "accounts.NamePart": NO_WORDS,
    "accounts.PersonKey": NO_WORDS,
    "payments.GatewayCustomer": NO_WORDS,
    "accounts.IdentityPicture": "The person has their own pictures; what came of them is in the copy.",
    "plans.Plan": INSIDE,
    "plans.Allocation": INSIDE,
    "collection.Contact": INSIDE,
    "plans.Installment": INSIDE,
    "checkout.Refund": INSIDE,
    "collection.Task": AT_WORK,
    "collection.Case": AT_WORK,
    "reports.ProvisionPlan": "What we expect to lose of all plans of a group.",
}


def about_people() -> Iterator[type[Model]]:
    """Yield each model that refers to a person, to a plan, an order or a basket of theirs, or to a card."""
    near = {Consumer, *(apps.get_model(name) for name in ("plans.Plan", "checkout.Order", "checkout.Checkout", "payments.PaymentMethod"))}
    near |= {apps.get_model("plans.Installment")}
    for model in apps.get_models():
        fields = (field for field in model._meta.concrete_fields if field.is_relation)
        if model is not Consumer and any(field.related_model in near for field in fields):
            yield model


def test_every_table_about_a_person_is_in_the_copy_or_has_a_reason_to_be_left_out():
    copied = {one for module in (copying, copied_plans) for one in vars(module).values() if isinstance(one, type)} | {Look}
    found = [*about_people()]
    assert [one._meta.label for one in found if one not in copied and one._meta.label not in LEFT_OUT] == []
    assert sorted(LEFT_OUT) == sorted(one._meta.label for one in found if one not in copied)


def test_each_field_of_the_copy_has_a_name_in_each_language():
    told = [one.value for module in (copying, copied_plans) for one in ast.walk(ast.parse(inspect.getsource(module))) if _is_text(one)]
    fields = {name for text in told if re.fullmatch(r"[a-z_ ]+", text) for name in text.split() if "__" not in name}
    names = {str(readable({field: ""})).split("<dt>")[1].split("</dt>")[0] for field in fields - set(SECTIONS) - NO_FIELDS}
    assert {"Days early", "Schedule changes", "Merchant reference"} <= names
    for language in languages():
        known = {message.id for message in read_catalog(language)}
        assert sorted(names - known) == [], language


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
