"""`manage.py texts`: bring the catalogs of translations up to date with code and templates, and compile them."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.catalogs import compile_texts
from core.translations import update_catalogs


class Command(BaseCommand):
    """Gather the texts into `locale/<language>/LC_MESSAGES/django.po`, say how many lack a translation, and compile."""

    help = "Gather all texts into the catalogs of translations, and compile these."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do all of it for every language."""
        for language, missing in update_catalogs(settings.BASE_DIR).items():
            self.stdout.write(f"{language}: {missing or 'none'} to be translated")
        compile_texts()
