"""The ledger of a driver: what went in and out, beside the balance and the transactions that the API shows."""

from decimal import Decimal
from typing import Any

from allure import step

from ampeco_conformance.emulator_client.clock import TargetClock
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.money import decimal
from scenarios.vocabulary.people import USER, Driver, balance
from scenarios.vocabulary.transactions import TRANSACTION, TRANSACTIONS
from scenarios.vocabulary.waiting import GLANCE, wait_for_entries

#: Transactions that only block an amount; they pay nothing.
BLOCKING = frozenset({"payment_authorisation", "payment_terminal_authorisation"})


#: Seconds after which a listing should show what it would show by mistake.
_LATEST = 2 * GLANCE

#: What the rule about a field of a transaction is called.
TERMS = {"status": "status", "userId": "user", "purchaseResourceType": "kind"}


class DriverLedger:
    """Follows the money of a driver that the scenario made, whose balance nothing else changes."""

    def __init__(self, api: ScenarioApi, clock: TargetClock, driver: Driver) -> None:
        self._api = api
        self._clock = clock
        self._driver = driver
        self._balance = balance(api, driver)
        self._known = {entry["id"] for entry in self._payments()}

    def check_paid_in(self, amount: Decimal, what: str) -> None:
        """The balance has grown by exactly this amount, and nothing was charged."""
        with step(f"The balance has grown by {amount}: {what}"):
            self._balance += amount
            self._check_balance(what)
            self.check_nothing_else(what)

    def check_unchanged(self, what: str) -> None:
        """The balance is as it was, and nothing was charged."""
        with step(f"The balance has not changed: {what}"):
            self._check_balance(what)
            self.check_nothing_else(what)

    def check_paid_out(self, kind: str, amount: Decimal, what: str) -> ScenarioResponse:
        """One finalized transaction of this kind and amount is new; the balance fell by it, if that is what paid."""
        with step(f"{amount} was paid once: {what}"):
            found = wait_for_entries(
                "one-transaction-per-payment",
                f"a finalized transaction for {what}",
                (self._api, TRANSACTIONS, {"userId": self._driver.id}),
                lambda entry: self._is_new(entry) and entry.get("status") not in ("pending", "initialized"),
            )
            transaction = self._api.get(TRANSACTION, transaction=found[0]["id"])
            self._check_transaction(transaction, kind, amount, what)
            self._known.add(found[0]["id"])
            if "balance" in (transaction.get("paymentMethod"), transaction.get("paymentMethodId")):
                self._balance -= amount
            self._check_balance(what)
            self.check_nothing_else(what)
        return transaction

    def forget_failed(self) -> None:
        """Attempts that failed are no payments; what they say is judged elsewhere."""
        self._clock.let_pass(_LATEST)
        for entry in self._payments():
            if self._is_new(entry) and entry.get("status") == "failed":
                self._known.add(entry["id"])
        self.check_unchanged("the failed payment")

    def check_nothing_else(self, what: str) -> None:
        """No other transaction has come."""
        self._clock.let_pass(_LATEST)
        pages = list(self._api.pages(TRANSACTIONS, filter={"userId": self._driver.id}))
        new = [entry["id"] for page in pages for entry in page.items if self._is_new(entry)]
        pages[-1].require_equal(new, [], "one-transaction-per-payment", f"further transactions after {what}")

    def _check_transaction(self, transaction: ScenarioResponse, kind: str, amount: Decimal, what: str) -> None:
        shown = transaction.get("totalAmount")
        transaction.require(
            shown is not None and decimal(shown) == amount,
            "transaction-amount",
            f"the transaction for {what} is over {shown}, not {amount}",
            expected=float(amount),
            actual=shown,
        )
        for name, expected in (
            ("status", "finalized"),
            ("userId", self._driver.id),
            ("purchaseResourceType", kind),
        ):
            transaction.require_equal(
                transaction.get(name), expected, f"transaction-{TERMS[name]}", f"{name} for {what}"
            )

    def _check_balance(self, what: str) -> None:
        answer = self._api.get(USER, user=self._driver.id)
        actual = decimal(answer["balance"])
        answer.require(
            actual == self._balance,
            "balance-is-sum",
            f"the balance is {actual} after {what}, all that went in and out gives {self._balance}",
            expected=float(self._balance),
            actual=float(actual),
        )

    def _is_new(self, entry: dict[str, Any]) -> bool:
        return entry["id"] not in self._known and entry.get("purchaseResourceType") not in BLOCKING

    def _payments(self) -> list[dict[str, Any]]:
        return list(self._api.listing(TRANSACTIONS, filter={"userId": self._driver.id}))
