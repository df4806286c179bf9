"""Names of rules that come with the product or its demo are read in each language; what operators wrote stays as it is."""

from django.utils import translation

from controls.rule_kinds import name_kept, name_shown


def test_names_that_are_known_are_translated_and_kept_in_english():
    with translation.override("de"):
        shown = name_shown("Many of one thing")
        assert (shown, name_kept(shown)) == ("Viele gleiche Artikel", "Many of one thing")
        assert name_shown("Order") == "Order"
