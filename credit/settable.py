"""Settings of decisions that operators may change."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.adjusting import DAYS, PERCENT, SECONDS, Setting, Unit, alone_limits, keep_days

REPORT_DAYS = Setting(
    "credit.report_days",
    _("A bureau's report is used again"),
    _("Another purchase within so many days is decided on the same report; after that the bureau is asked anew."),
    DAYS,
    30,
    1,
    90,
    _("A report of last quarter says little about today, and each costs money."),
    dangerous=True,
)

BANK_DAYS = Setting(
    "credit.bank_days",
    _("What bank accounts showed is used again"),
    _("For so many days decisions use the income that a person showed by their bank, unless a bureau's report is newer."),
    DAYS,
    30,
    1,
    90,
    _("An income of last quarter may have ended."),
    dangerous=True,
)
ANSWER_WITHIN_MS = Setting(
    "credit.answer_within_ms",
    _("A decision waits for credit bureaus"),
    _("All bureaus that are asked for one decision answer within this time together; what comes later is kept for the next decision."),
    Unit(_("milliseconds"), lambda number: ngettext("%(number)s millisecond", "%(number)s milliseconds", number)),
    1_300,
    300,
    1_800,
    _("A checkout answers within two seconds, whatever a bureau does."),
)
SKIP_AFTER = Setting(
    "credit.skip_after",
    _("A source is skipped after failures in a row"),
    _("A credit bureau or a provider of open banking that failed so often, or answered too late, is left alone for a while."),
    Unit(_("failures"), lambda number: ngettext("%(number)s failure", "%(number)s failures", number)),
    5,
    2,
    100,
    _("One failure happens to every source; each further one lets somebody wait in vain."),
)
SKIP_WITHIN_S = Setting(
    "credit.skip_within_s",
    _("Failures of a source count together within"),
    _("From the first of them. An answer in between ends the row."),
    SECONDS,
    120,
    10,
    3_600,
    _("Failures of yesterday say nothing about now."),
)
SKIP_FOR_S = Setting(
    "credit.skip_for_s",
    _("A source is skipped for"),
    _("After that one decision tries it again: an answer ends the skipping, a failure begins the next rest."),
    SECONDS,
    60,
    5,
    3_600,
    _("Meanwhile the next source is asked, or the rules for no answer count."),
)
OLD_REPORT_DAYS = Setting(
    "credit.old_report_days",
    _("A bureau's report is used again where no bureau answers"),
    _("If no bureau gives a report, an older one counts up to this age, and larger orders wait for a person."),
    DAYS,
    90,
    1,
    365,
    _("A report of last year says nothing about today."),
    dangerous=True,
)
OLD_REPORT_PCT = Setting(
    "credit.old_report_pct",
    _("Largest order on an old report"),
    _("This share of the usual largest order is approved without a person if only an old report is at hand."),
    PERCENT,
    50,
    0,
    100,
    _("An old report never gives more than a new one."),
    dangerous=True,
)
APPROVAL_DAYS = Setting(
    "credit.approval_days",
    _("What a person approved in spite of a refusal holds"),
    _("For so many days the purchase can be made after all; then it is decided on as any other."),
    DAYS,
    14,
    1,
    60,
    _("What was looked at ages, as every report does."),
)
COUNTER_DEPOSIT_PCT = Setting(
    "credit.counter_deposit_pct",
    _("Largest deposit of a counter-offer"),
    _("Of the price. A purchase that needs a larger deposit to fit into what is left of the limit is refused without a counter-offer."),
    PERCENT,
    50,
    1,
    90,
    _("Who has to pay most of the price at once is lent little, and may as well pay it all."),
    dangerous=True,
)
UNREPORTED = alone_limits(
    "credit.unreported",
    title=_("Limit without a bureau's report"),
    about=_("Up to this amount, people decide on a purchase of somebody about whom no bureau gives a report; 0 for nobody."),
    why=_("Nothing is known about what the person owes elsewhere."),
)
"""The limit of a person about whom there is no report, by currency, in whole units; a person decides on each purchase."""

DECLARED_A_DAY = Setting(
    "credit.declared_a_day",
    _("Income and costs can be told within a day"),
    _("The first time and corrections together, by one person in one currency."),
    Unit(_("times"), lambda number: ngettext("%(number)s time", "%(number)s times", number)),
    3,
    1,
    20,
    _("Nobody has to try figures until one of them is enough."),
)
RAISED_DAYS = Setting(
    "credit.raised_days",
    _("Better figures after a refusal are marked for"),
    _("Whoever corrects their income and costs so that more is left than when they were refused so recently waits for a person."),
    DAYS,
    30,
    0,
    366,
    _("Figures that fit after a refusal may be made to fit."),
)
RAISE_PERCENT = Setting(
    "credit.raise_percent",
    _("A limit rises in the daily review by at most"),
    _("Of the limit that holds, and by 50 units of the currency at least. What a person's income carries is never exceeded."),
    PERCENT,
    25,
    0,
    100,
    _("Nobody asked for the increase: a small step shows early whether the person can bear it."),
    dangerous=True,
)
RAISE_DAYS = Setting(
    "credit.raise_days",
    _("A limit rises in the daily review only after"),
    _("Since its last change, by whatever cause. A cut waits for nothing."),
    DAYS,
    30,
    1,
    366,
    _("One payment must have been due since the last step, or it tells nothing."),
    dangerous=True,
)

KEEP_BANKS = keep_days(
    "credit",
    "banks",
    floor=365,
    default=365,
    title=_("That bank accounts were shown is kept, with their keyed hashes"),
    why=_("One account verifies one person for 12 months. What it showed goes after 180 days."),
)
KEEP_BANK_CALLS = keep_days(
    "credit",
    "bank_calls",
    floor=400,
    default=800,
    title=_("What readings of bank accounts cost is kept"),
    why=_("The pages of sources and of margins count it, for 13 and 24 months."),
)
SETTINGS = [
    *(
        REPORT_DAYS,
        BANK_DAYS,
        ANSWER_WITHIN_MS,
        SKIP_AFTER,
        SKIP_WITHIN_S,
        SKIP_FOR_S,
        OLD_REPORT_DAYS,
        OLD_REPORT_PCT,
        DECLARED_A_DAY,
        RAISED_DAYS,
        RAISE_PERCENT,
        RAISE_DAYS,
        APPROVAL_DAYS,
        COUNTER_DEPOSIT_PCT,
        KEEP_BANKS,
        KEEP_BANK_CALLS,
    ),
    *UNREPORTED.values(),
]
