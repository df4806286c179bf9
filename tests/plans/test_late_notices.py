"""Other words of a notice to who is late are another version, which each kept notice names."""

import ast
import hashlib
from pathlib import Path

from django.conf import settings

from core.catalogs import languages
from core.translations import read_catalog
from plans.documents.late_notice import VERSION

WORDS = {"2026-11-30.1": "f9e20a0eacd18777707e93e254a4523ee5fb385be0a7890c1e44f48695d88eaf"}


def words() -> bytes:
    """Return all words of the notices, in every language, with the code that puts them together."""
    tree = ast.parse((Path(settings.BASE_DIR) / "plans/documents/late_notice.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_"]
    told = sorted(str(node.args[0].value) for node in calls if isinstance(node.args[0], ast.Constant))
    catalogs = [read_catalog(language) for language in languages()]
    return "\n".join([ast.dump(tree), *(str(catalog.get(text).string) for text in told for catalog in catalogs)]).encode()


def test_other_words_of_a_notice_are_another_version():
    assert WORDS[VERSION] == hashlib.sha256(words()).hexdigest(), "the words changed: raise VERSION and note their hash here"
