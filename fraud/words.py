"""Words that several groups of signals share: spans, kinds of networks."""

from django.utils.translation import gettext_lazy as _

from core.sentences import Text

SPAN_WORDS: dict[str, Text] = {"10m": _("10 minutes"), "1h": _("an hour"), "1d": _("a day"), "30d": _("30 days")}
NETWORKS: dict[str, Text] = {"home": _("a home or an office"), "hosting": _("a data center"), "relay": _("a relay that hides the sender")}
