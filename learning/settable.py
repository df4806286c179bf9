"""Settings that operators may change: when the daily watch of models of risk raises an alarm."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.adjusting import DAYS, Setting, Unit

HUNDREDTHS = Unit(_("hundredths"), lambda number: ngettext("%(number)s hundredth", "%(number)s hundredths", number))
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

SETTINGS = [MOST_DRIFT, MOST_AUC_LOST, MOST_MISCALIBRATION, LEAST_WATCHED, RETRAIN_DAYS]
