"""Every table has an end, or is said to be a record: a new one is thought about."""

from django.apps import apps

from bnpl.retentions import LASTING, RETENTIONS
from core.adjusting import find_by_variable


def test_every_table_is_traffic_with_an_end_or_a_record():
    known = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    traffic = {one.model._meta.label for one in RETENTIONS}
    assert len(traffic) == len(RETENTIONS)
    assert (known - traffic - LASTING.keys(), (traffic | LASTING.keys()) - known, traffic & LASTING.keys()) == (set(), set(), set())


def test_what_points_to_another_table_is_forgotten_before_it():
    place = {one.model: at for at, one in enumerate(RETENTIONS)}
    for model, number in place.items():
        for field in model._meta.concrete_fields:
            if field.related_model in place:
                assert number < place[field.related_model], f"{model._meta.label}.{field.name}"


def test_operators_can_set_how_long_each_kind_of_traffic_is_kept():
    assert [one.table for one in RETENTIONS if find_by_variable(one.setting) is None] == []
