"""The words by which movements of bank accounts are told apart, in English, Danish, Swedish and German.

Each entry is one to four words in small letters; a `*` after a single word lets it go on, as compounds do (`gehalt*` is also
Gehaltszahlung). No word stands here for a category that could reveal health, religion, politics, union membership or origin: such
movements count as living costs, or as income like any other.
"""

from enum import StrEnum


class Category(StrEnum):
    """What a movement is. `INCOME` is other income: never counted on, because nothing shows that it will come again."""

    SALARY = "salary"
    BENEFITS = "benefits"
    INCOME = "income"
    HOUSING = "housing"
    GAMBLING = "gambling"
    LENDERS = "lenders"
    TRANSFER = "transfer"
    LIVING = "living"


SALARY = """
salary, salaries, wages, wage, payroll, pay roll, paycheck, paycheque, monthly pay, net pay, direct dep, direct deposit, bacs salary,
løn*, loen, loenoverfoersel, månedsløn, timeløn, nettoløn,
lön*, månadslön, timlön, nettolön,
gehalt*, lohn*, bezüge, besoldung, entgelt, nettolohn, monatsgehalt, vergütung
"""
BENEFITS = """
universal credit, state pension, pension*, child benefit, tax credit, tax credits, housing benefit, jobseekers, jsa, dwp*, social
security, ssa treas,
ssi treas, xxsoc sec, unemployment, ui benefit, ui benefits, annuity,
folkepension, førtidspension, dagpenge*, kontanthjælp, boligstøtte, børneydelse, børne og ungeydelse, børnecheck, su udbetaling,
udbetaling danmark,
feriepenge, atp livslang, barselsdagpenge,
försäkringskassan, barnbidrag, bostadsbidrag, föräldrapenning, pensionsmyndigheten, ålderspension, csn utbetalning, a kassa, akassa,
tjänstepension, arbetslöshetsersättning,
renten*, altersrente, kindergeld*, elterngeld*, wohngeld*, bürgergeld, arbeitslosengeld*, alg ii, bundesagentur für arbeit,
familienkasse, bafög, ruhegehalt
"""
HOUSING = """
rent, monthly rent, mortgage*, landlord, lettings, letting agent, housing association, property management, hoa, ground rent,
husleje*, boligleje, boligforening, boligselskab, andelsbolig, ejerforening, realkredit*, boliglån*, totalkredit, nykredit, leje,
hyra, hyresavi, bostadshyra, hyresvärd, bostadsrätt, brf, bolån*, bostäder, hsb, sbab,
miete*, kaltmiete, warmmiete, wohnungsmiete, hausgeld, hausverwaltung, wohnungsbau*, baufinanzierung, immobilienkredit, hypothek*,
bausparkasse,
wohnungsgesellschaft
"""
GAMBLING = """
casino*, gambling, betting, bet365, betfair, paddy power, william hill, ladbrokes, coral bet, sky bet, skybet, pokerstars, poker*,
lottery, lotto*,
bingo*, slots, draftkings, fanduel, betmgm, unibet, betsson, bwin, tipico, stake com, sportsbook, roulette,
danske spil, spillehal, tips og lotto, oddset, kasino, nordicbet, leovegas, mr green, comeon,
svenska spel, trisslott*, atg, spelbolag, kasinospel, vegas se,
spielbank, spielhalle, glücksspiel*, wettbüro, sportwette*, lotterie*, toto lotto, merkur spielothek
"""
LENDERS = """
klarna*, clearpay, afterpay, affirm, zip pay, zip co, laybuy, sezzle, scalapay, payl8r, paypal credit, paypal pay later, pay in 3, pay
in 4,
loan, loans, loan repayment, car finance, auto loan, student loan, personal loan, installment, instalment*, payday, lending*, lendable,
zopa,
lending club, upstart, sofi, onemain, oportun, dave inc, earnin, quickquid, provident, amigo loans, credit repayment, advance pay,
viabill, anyday, sparxpres, lån, laan, låneafdrag, forbrugslån, kviklån, afdrag, basisbank, santander consumer, ikano, resurs*, bank
norwegian,
qliro, walley, collector, låneavi, lånebetalning, avbetalning, amortering, privatlån, snabblån, billån, nordax, bynk, lendo, svea*,
kredit, kreditrate, ratenkredit, ratenzahlung, darlehen*, autokredit, kreditbank, targobank, creditplus, easycredit, smava, auxmoney,
teambank, consors finanz, ratepay, billpay
"""
TRANSFERS = """
transfer, transfer to, transfer from, own account, internal transfer, savings, to savings, from savings, standing order to self,
overførsel, egen konto, opsparing, til opsparing, mellem egne konti, budgetkonto,
överföring, eget konto, sparkonto, sparande, egna konton,
umbuchung, übertrag, eigenes konto, sparkonto, tagesgeld*, sparplan, dauerauftrag eigen, revolut top up
"""
RETURNED = """
nsf, insufficient funds, unpaid direct debit, unpaid item, returned payment, returned debit, returned direct debit, direct debit
returned, returned ach, ach return, dishonoured, dishonored, bounced payment, bounced check, bounced cheque,
manglende dækning, afvist betaling, returneret betaling, tilbageført betaling,
täckning saknas, medel saknas, återtaget autogiro, returnerad betalning, återförd betalning,
rücklastschrift*, rückbuchung*, retourlastschrift*, lastschriftrückgabe*, mangels deckung, nicht eingelöst
"""
"""A debit that the bank returned, as money that comes back or as the fee for it."""
COMPANIES = """
ltd, limited, plc, llp, inc, corp, corporation, llc, company, council, nhs, university, city of, county, dept,
a s, aps, k s, kommune, kommunen, region, styrelsen, universitet,
ab, aktiebolag, hb, kommun, regionen, landsting*, universitetet,
gmbh, ag, kg, ohg, ug, mbh, stadt, landkreis, landesamt, universität, landeshauptkasse, bundeskasse
"""
"""Legal forms and bodies: one of these words shows that a payer is no private person."""
