"""Settings that operators may change: when the daily watch of models of risk raises an alarm."""

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.adjusting import DAYS, MINUTES, Setting, Unit, keep_days

HUNDREDTHS = Unit(_("hundredths"), lambda number: ngettext("%(number)s hundredth", "%(number)s hundredths", number))
MEGABYTES = Unit(_("megabytes"), lambda _number: gettext("%(number)s MB"))
GIGABYTES = Unit(_("gigabytes"), lambda _number: gettext("%(number)s GB"))
CASES = Unit(_("cases"), lambda number: ngettext("%(number)s case", "%(number)s cases", number))

MOST_DRIFT = Setting(
    "learning.most_drift",
    _("The largest drift of a model"),
    _("If the stability index (PSI) of a model's score, or of one of its columns, is larger, operators are told."),
    HUNDREDTHS,
    25,
    5,
    100,
    _("Below 10 hundredths all is as usual; from 25 on the cases are other ones than those of training."),
)
MOST_AUC_LOST = Setting(
    "learning.most_auc_lost",
    _("The most that a model may lose in telling apart"),
    _("If its AUC on cases that have ended is lower by more than in training, operators are told."),
    HUNDREDTHS,
    5,
    1,
    30,
    _("A model that tells good and bad apart no longer should not decide."),
)
MOST_MISCALIBRATION = Setting(
    "learning.most_miscalibration",
    _("The largest calibration error of a model"),
    _("If predicted and actual shares of bad cases differ by more on average (ECE), operators are told."),
    HUNDREDTHS,
    5,
    1,
    30,
    _("Prices and limits follow from the probability itself, not only from its order."),
)
LEAST_WATCHED = Setting(
    "learning.least_watched",
    _("The fewest cases by which a model is judged"),
    _("With fewer cases there is no alarm, as chance alone moves the figures."),
    CASES,
    300,
    50,
    100_000,
    _("The stability index of 50 cases is about 0.2 by chance."),
)
RETRAIN_DAYS = Setting(
    "learning.retrain_days",
    _("Models are learned anew"),
    _("So often a model is learned from our own cases. If it is better than the champion, it is suggested; two people decide."),
    DAYS,
    30,
    7,
    365,
    _("In less than a week hardly any case ends."),
)
KEEP_TABLES = keep_days(
    "learning",
    "tables",
    floor=1,
    default=7,
    title=_("Tables of the laboratory are kept"),
    why=_("Whoever prepares a training today can ask for it tomorrow. After the training its table is deleted at once."),
)
MOST_TABLE_MB = Setting(
    "learning.most_table_mb",
    _("The largest table of the laboratory"),
    _("A larger file is not taken; gzipped it may have many times as many rows."),
    MEGABYTES,
    100,
    1,
    250,
    _("The web server takes no more than 250 MB at once."),
)
MOST_TRAINING_MINUTES = Setting(
    "learning.most_training_minutes",
    _("The longest training of the laboratory"),
    _("A training that takes longer is ended, and says so."),
    MINUTES,
    60,
    1,
    360,
    _("A million rows of forty columns take some minutes; others wait meanwhile."),
)
MOST_TRAINING_GB = Setting(
    "learning.most_training_gb",
    _("The most memory of a training"),
    _("A training that needs more is ended, and says so."),
    GIGABYTES,
    16,
    2,
    256,
    _("What decides about people runs on the same machine, and needs its share."),
)

SETTINGS = [
    *(MOST_DRIFT, MOST_AUC_LOST, MOST_MISCALIBRATION, LEAST_WATCHED, RETRAIN_DAYS),
    *(MOST_TABLE_MB, MOST_TRAINING_MINUTES, MOST_TRAINING_GB, KEEP_TABLES),
]
