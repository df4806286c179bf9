"""The hosted page for bank accounts: the only place where an account number is typed. Works without JavaScript."""

from sqlite3 import Row

from sandbox import setups
from sandbox.accounts import SORTS, TRIALS, TRIED, Account, account_from, scheme_of, spaced
from sandbox.card_page import FORM_ACTION, visit
from sandbox.message import Answer, Request, redirect
from sandbox.page import Safe, fill, missing, page
from sandbox.texts import say
from sandbox.world import Route, World

LOST_LINK = "This page does not exist. Go back to the shop and try again. Nothing was taken."
ERRORS = {
    "number": "Check the account number: a digit is wrong or missing.",
    "sort": "Check the number of your bank: a digit is wrong or missing.",
    "agree": "Tick the box if you agree. Nothing can be taken without it.",
}


def show(world: World, request: Request) -> Answer:
    """The empty form, or the result of the setup."""
    row = _found(world, request)
    if row is None:
        return missing(LOST_LINK)
    return _form(row, {}, []) if row["status"] == "open" else _over(world, row)


def submit(world: World, request: Request) -> Answer:
    """Take the account: redirect back with the result, or show the form again with its errors."""
    row = _found(world, request)
    if row is None:
        return missing(LOST_LINK)
    if row["status"] != "open":
        return redirect(setups.return_address(world, row))
    form = request.form()
    account = account_from(scheme_of(row["currency"]), form.get("number", ""), form.get("sort", ""))
    wrong = [*(account if isinstance(account, list) else []), *([] if form.get("agree") else ["agree"])]
    if wrong or not isinstance(account, Account):
        return _form(row, form, wrong, status=422)
    setups.finish_account(world, row, account)
    return redirect(setups.return_address(world, setups.current(world, row["id"])))


def cancel(world: World, request: Request) -> Answer:
    """Leave without an account."""
    row = _found(world, request)
    if row is None:
        return missing(LOST_LINK)
    if row["status"] == "open":
        setups.cancel(world, row)
    return redirect(setups.return_address(world, setups.current(world, row["id"])))


def _found(world: World, request: Request) -> Row | None:
    return visit(world, request, "account")


def _form(row: Row, form: dict[str, str], wrong: list[str], *, status: int = 200) -> Answer:
    """The form with its values, and an error beside each wrong field."""
    scheme = scheme_of(row["currency"])
    errors = {name: Safe(f'<p class="error" id="{name}-error">{say(text)}</p>' if name in wrong else "") for name, text in ERRORS.items()}
    states = {name: Safe(f' aria-invalid="true" aria-describedby="{name}-error"' if name in wrong else "") for name in ERRORS}
    sort = Safe("")
    if scheme in SORTS:
        label, example, _ = SORTS[scheme]
        given = form.get("sort", "")
        sort = fill("account_sort", label=say(label), example=example, value=given, state=states["sort"], error=errors["sort"])
    trials = [fill("line", term=spaced(number), text=say(what)) for number, what in zip(TRIALS[scheme], TRIED, strict=True)]
    body = fill(
        "account",
        merchant=row["merchant_name"] or say("the shop"),
        address=f"/gateway/accounts/{row['id']}",
        label=say("Account number" if scheme in SORTS else "IBAN" if scheme == "sepa_debit" else "IBAN or account number"),
        example=spaced(TRIALS[scheme][0]),
        number=form.get("number", ""),
        number_state=states["number"],
        number_error=errors["number"],
        sort=sort,
        agreed=Safe(" checked" if form.get("agree") else ""),
        agree_state=states["agree"],
        agree_error=errors["agree"],
        beside=f" {say(SORTS[scheme][0])} {SORTS[scheme][1]}." if scheme in SORTS else "",
        trials=Safe("\n".join(trials)),
    )
    title = say("Check your account" if wrong else "Add a bank account")
    return page(title, body, status=status, layout="card_layout", form_action=FORM_ACTION)


def _over(world: World, row: Row) -> Answer:
    done = row["status"] == "succeeded"
    heading = say("Your bank account is saved" if done else "No bank account was saved")
    text = say("Nothing was taken. You can go back now." if done else "You left this page without giving an account. Nothing was taken.")
    button = fill("go_back", address=setups.return_address(world, row))
    return page(heading, fill("over", heading=heading, text=text, action=button), layout="card_layout", form_action=FORM_ACTION)


ROUTES: list[Route] = [
    ("GET", "/gateway/accounts/{id}", show),
    ("POST", "/gateway/accounts/{id}", submit),
    ("POST", "/gateway/accounts/{id}/cancel", cancel),
]
