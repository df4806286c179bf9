"""The signals of acts on accounts, with type, unit and meaning."""

from typing import cast

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from controls import units
from controls.rules.facts import Fact, FactType, Unit
from controls.units import CODES, DAYS, DEVICES, HOURS, METHODS, PEOPLE, SIGN_INS
from core.sentences import Text
from fraud.rules import ActPart
from fraud.words import NETWORKS, SPAN_WORDS

_COUNTED: tuple[tuple[str, str, ActPart, tuple[str, ...], Text, Text, Unit], ...] = (
    (
        *("signins", "person_key", ActPart.SIGN_INS, ("1d",)),
        *(
            _("sign-ins of the person within {span}"),
            _("How often somebody signed in to the person's accounts with the right code."),
            SIGN_INS,
        ),
    ),
    (
        *("signin_devices", "person_key", ActPart.DEVICES, ("1d", "30d")),
        *(_("devices that signed in within {span}"), _("From how many browsers somebody signed in to the person's accounts."), DEVICES),
    ),
    (
        *("signin_networks", "person_key", ActPart.NETWORKS, ("1d", "30d")),
        *(_("networks that signed in within {span}"), _("From how many internet addresses somebody signed in to the person's accounts.")),
        units.NETWORKS,
    ),
    (
        *("failed_codes", "person_key", ActPart.CODES, ("1h", "1d")),
        *(_("mistyped codes within {span}"), _("Wrong codes that were typed for the person's contacts, by anybody."), CODES),
    ),
    (
        *("added_methods", "person_key", ActPart.METHODS, ("1d", "30d")),
        *(_("cards and bank accounts added within {span}"), _("How many the person added, removed ones too."), METHODS),
    ),
    (
        *("device_signin_people", "device", ActPart.PEOPLE, ("1d", "30d")),
        *(
            _("people who signed in on the device within {span}"),
            _("How many people signed in from this browser, whether or not they bought."),
        ),
        PEOPLE,
    ),
    (
        *("device_failed_codes", "device", ActPart.CODES, ("1h", "1d")),
        *(
            _("mistyped codes on the device within {span}"),
            _("Wrong codes that were typed in this browser, for anybody's contacts."),
            CODES,
        ),
    ),
    (
        *("network_signin_people", "network", ActPart.PEOPLE, ("1d",)),
        *(_("people who signed in from the network within {span}"), _("How many people signed in from this internet address."), PEOPLE),
    ),
    (
        *("network_failed_codes", "network", ActPart.CODES, ("1h",)),
        *(_("mistyped codes from the network within {span}"), _("Wrong codes that came from this internet address."), CODES),
    ),
)
COUNTED_ACTS = {f"{name}_{span}": (key, part, span) for name, key, part, spans, *_words in _COUNTED for span in spans}
"""The column, the part and the span of each counted signal, by its name."""

ACT_FACTS = (
    *(
        Fact(
            f"{name}_{span}",
            FactType.WHOLE,
            cast("Text", format_lazy(cast("str", title), span=cast("str", SPAN_WORDS[span]))),
            about,
            1,
            unit,
        )
        for name, _key, _part, spans, title, about, unit in _COUNTED
        for span in spans
    ),
    Fact(
        "device_days",
        FactType.WHOLE,
        _("days since the device was first seen"),
        _("Since the person first signed in or bought from this browser; 0 for one that was never seen before, or only just."),
        40,
        DAYS,
    ),
    Fact(
        "device_silent",
        FactType.YES,
        _("the browser says nothing, unlike the person's others"),
        _("It told no device, although an earlier browser of the person did. Not known for people whose browsers never told one."),
        False,
    ),
    Fact(
        "new_signin_days",
        FactType.WHOLE,
        _("days since a sign-in from a new device"),
        _("Since somebody last signed in from a browser that the person did not have the day before; not known for none within 30 days."),
        12,
        DAYS,
    ),
    Fact(
        "changed_new_days",
        FactType.WHOLE,
        _("days since a change after a sign-in from a new device"),
        _("The address, e-mail address or phone number was changed within a week after such a sign-in; not known for none within 30 days."),
        12,
        DAYS,
    ),
    Fact(
        "added_new_days",
        FactType.WHOLE,
        _("days since a card was added after a sign-in from a new device"),
        _("A card or bank account was added within a week after such a sign-in; not known for none within 30 days."),
        12,
        DAYS,
    ),
    Fact(
        "signin_network_kind",
        FactType.TEXT,
        _("the kind of the network of the last sign-in"),
        _("Who the internet address of the last sign-in within 30 days belongs to."),
        "home",
        choices=NETWORKS,
    ),
    Fact(
        "signin_zone_gap",
        FactType.NUMBER,
        _("hours between the clock at the last sign-in and the person's place"),
        _("By the time zone of the browser that last signed in within 30 days. Not known without a script in the browser."),
        0.0,
        HOURS,
    ),
)
