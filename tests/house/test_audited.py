"""Every table of people, shops, sales, plans, decisions, money and controls is in the audit log, or is said not to be, and why."""

from django.apps import apps

from bnpl.audited import AUDITED
from bnpl.unaudited import UNAUDITED

OF = ("accounts", "brands", "markets", "merchants", "checkout", "plans", "credit", "fraud", "payments", "controls", "core", "learning")


def test_every_table_is_audited_or_said_not_to_be():
    models = {
        model._meta.label: model._meta.db_table for app in OF for model in apps.get_app_config(app).get_models(include_auto_created=True)
    }
    watched = {one.table for one in AUDITED}
    told = {label for label, table in models.items() if table in watched}
    assert models.keys() - told - UNAUDITED.keys() == set()
    assert UNAUDITED.keys() - models.keys() == set()
    assert told & UNAUDITED.keys() == set()


def test_each_trigger_has_a_name_of_its_own():
    names = [one.trigger for one in AUDITED]
    assert len(names) == len(set(names))
    assert all(len(name) < 63 for name in names)
