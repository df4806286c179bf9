"""The agreement's words and its version change together."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from checkout.queries import checkout_quotes
from core import clock
from core.catalogs import languages
from core.translations import read_catalog
from portals.checkout.agreement import VERSION, Block, blocks_of, write_terms

WORDS = {
    "2026-11-28": "7aea3cb634f2de8909a5e38228eb4337d8262c3b7e7c98b7676aca1e1c0c5f9c",
    "2026-11-28.2": "1b4957f8220559eead167d9479f61e04d743d52887127dff5a698fe3950d5711",
    "2026-11-28.3": "3462d195294781085e99294d5360dd2d184216f62f959f8bcb9bf432480dcc50",
}


def words() -> bytes:
    """Return the words of the agreement in every language."""
    template = Path(settings.BASE_DIR, "templates/portals/checkout/agreement.txt").read_text()
    own = set(re.findall(r'{% translate "([^"]+)" %}', template))
    pieces = re.findall(r"{% blocktranslate[^%]*%}(.*?){% endblocktranslate %}", template)
    own |= {re.sub(r"{{ (\w+) }}", r"%(\1)s", piece) for piece in pieces}
    told = [str(read_catalog(language).get(text).string) for language in languages() for text in sorted(own)]
    assert all(told)
    return "\n".join([template, *told]).encode()


def test_other_words_are_another_version():
    assert WORDS[VERSION] == hashlib.sha256(words()).hexdigest(), "the words changed: raise VERSION and note their hash here"


@pytest.mark.django_db
def test_the_agreement_is_written_in_the_language_of_its_reader(open_checkout, bought):
    checkout, consumer = open_checkout(), bought().consumer
    quote = checkout_quotes(checkout, clock.now())[0]
    texts = {}
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            texts[language] = write_terms(checkout, consumer, quote, clock.now()).text
    assert {language: text.splitlines()[0] for language, text in texts.items()} == {
        "en": "= Credit agreement",
        "da": "= Kreditaftale",
        "sv": "= Kreditavtal",
        "de": "= Kreditvertrag",
    }
    assert len({len(text.splitlines()) for text in texts.values()}) == 1


def test_text_is_shown_as_titles_lists_and_paragraphs():
    text = "= Credit agreement\nYou and us.\n\n# Costs\n- Interest: $0.00\n- Fees: none\nThat is all.\n"
    assert list(blocks_of(text)) == [
        Block("title", "Credit agreement"),
        Block("text", "You and us."),
        Block("head", "Costs"),
        Block("list", rows=("Interest: $0.00", "Fees: none")),
        Block("text", "That is all."),
    ]


def test_a_list_at_the_end_is_not_lost():
    assert list(blocks_of("- one")) == [Block("list", rows=("one",))]
