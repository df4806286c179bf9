"""The units of facts, each with its singular."""

from django.utils.translation import ngettext_lazy

from controls.rules.facts import Unit

ATTEMPTS = Unit(ngettext_lazy("attempt", "attempts"))
CARDS = Unit(ngettext_lazy("card", "cards"))
CODES = Unit(ngettext_lazy("code", "codes"))
DAYS = Unit(ngettext_lazy("day", "days"))
HOURS = Unit(ngettext_lazy("hour", "hours"))
DEVICES = Unit(ngettext_lazy("device", "devices"))
DUES = Unit(ngettext_lazy("installment", "installments"))
METHODS = Unit(ngettext_lazy("card or bank account", "cards and bank accounts"))
MONTHS = Unit(ngettext_lazy("month", "months"))
NETWORKS = Unit(ngettext_lazy("network", "networks"))
ORDERS = Unit(ngettext_lazy("order", "orders"))
PAYMENTS = Unit(ngettext_lazy("payment", "payments"))
PEOPLE = Unit(ngettext_lazy("person", "people"))
PIECES = Unit(ngettext_lazy("piece", "pieces"))
PLANS = Unit(ngettext_lazy("plan", "plans"))
POINTS = Unit(ngettext_lazy("point", "points"))
REFUNDS = Unit(ngettext_lazy("refund", "refunds"))
SECONDS = Unit(ngettext_lazy("second", "seconds"))
SHOPS = Unit(ngettext_lazy("shop", "shops"))
SIGN_INS = Unit(ngettext_lazy("sign-in", "sign-ins"))
STEPS = Unit(ngettext_lazy("step", "steps"))
TIMES = Unit(ngettext_lazy("time", "times"))
