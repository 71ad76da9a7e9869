"""Believable texts by the name of a field: people, places and companies of Mimesis, the rest of the domain.

Everything is of one place per record, so that city, post code, country, phone number and IBAN belong together. E-mails,
hosts, addresses of networks, SIM cards and phone numbers are from ranges that are reserved or that nobody can have.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TypeVar

from mimesis import Address, Finance, Person
from mimesis.locales import Locale
from mimesis.providers import BaseDataProvider

_Provider = TypeVar("_Provider", bound=BaseDataProvider)

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


@dataclass(frozen=True)
class City:
    """A city, with what belongs to it. Of `phone` the last three digits are free for fiction, or the number is none."""

    city: str
    region: str
    post_code: str
    country: str
    latitude: float
    longitude: float
    timezone: str
    phone: str
    locale: Locale
    language: str


CITIES = (
    City(
        "Copenhagen", "Capital Region", "1050", "DK", 55.676, 12.568, "Europe/Copenhagen", "+4500000", Locale.DA, "da"
    ),
    City("Aarhus", "Central Denmark", "8000", "DK", 56.157, 10.211, "Europe/Copenhagen", "+4500001", Locale.DA, "da"),
    City("Odense", "Southern Denmark", "5000", "DK", 55.396, 10.389, "Europe/Copenhagen", "+4500002", Locale.DA, "da"),
    City("Stockholm", "Stockholm County", "11120", "SE", 59.33, 18.06, "Europe/Stockholm", "+4684650", Locale.SV, "sv"),
    City("Gothenburg", "Västra Götaland", "41103", "SE", 57.7, 11.97, "Europe/Stockholm", "+46313906", Locale.SV, "sv"),
    City("Malmö", "Skåne County", "21120", "SE", 55.606, 13.0, "Europe/Stockholm", "+46406280", Locale.SV, "sv"),
    City("Berlin", "Berlin", "10115", "DE", 52.532, 13.385, "Europe/Berlin", "+493023125", Locale.DE, "de"),
    City("Hamburg", "Hamburg", "20095", "DE", 53.551, 10.001, "Europe/Berlin", "+494066969", Locale.DE, "de"),
    City("Munich", "Bavaria", "80331", "DE", 48.135, 11.571, "Europe/Berlin", "+498999998", Locale.DE, "de"),
    City("Vienna", "Vienna", "1010", "AT", 48.209, 16.372, "Europe/Vienna", "+430000", Locale.DE_AT, "de"),
)


@dataclass(frozen=True)
class Subject:
    """The record that texts are about: its kind, such as `charge-points`, and its number."""

    kind: str = ""
    number: int = 0

    @cached_property
    def place(self) -> City:
        """Where it is."""
        return CITIES[self.number % len(CITIES)]

    @property
    def first_name(self) -> str:
        """The first name of its person."""
        return self._name[0]

    @property
    def last_name(self) -> str:
        """The last name of its person."""
        return self._name[1]

    @cached_property
    def company(self) -> str:
        """The name of its company."""
        return self._reseeded(_companies(self.place.locale)).company()

    @cached_property
    def street(self) -> str:
        """Its street, with a number."""
        return f"{self._reseeded(_addresses(self.place.locale)).street_name()} {self.number % 180 + 1}"

    @property
    def email(self) -> str:
        """The e-mail address of its person."""
        name = re.sub(r"[^a-z]+", ".", f"{self.first_name}.{self.last_name}".lower().translate(_PLAIN)).strip(".")
        return f"{name}.{self.number + 1}@example.com"

    @property
    def phone(self) -> str:
        """Its phone number."""
        return f"{self.place.phone}{self.number % 1000:03d}"

    @property
    def iban(self) -> str:
        """An IBAN with right check digits, of a bank that has no code."""
        account = f"{self.number + 1:014d}"
        return f"{self.place.country}{_check_digits(self.place.country, account):02d}{account}"

    @property
    def label(self) -> str:
        """What it is called when nothing better is known."""
        words = (self.kind or "sample").replace("-", " ").removesuffix("s")
        return f"{words.capitalize()} {self.number + 1}"

    def code(self, length: int = 8) -> str:
        """Capital letters and digits."""
        return f"{zlib.crc32(f'{self.kind} {self.number}'.encode()):08X}".ljust(length, "0")[:length]

    def digits(self, length: int, begin: str = "") -> str:
        """A number of so many digits that begins so."""
        return f"{begin}{self.number + 1:0{length - len(begin)}d}"

    @cached_property
    def _name(self) -> tuple[str, str]:
        person = self._reseeded(_people(self.place.locale))
        return person.first_name(), person.last_name()

    def _reseeded(self, provider: _Provider) -> _Provider:
        """The provider, at the start of what it draws for this record."""
        provider.reseed(zlib.crc32(f"{self.kind} {self.number}".encode()))
        return provider


_PLAIN = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e"})


# The providers of a language are kept: each reads a file of texts.
_people = cache(Person)
_addresses = cache(Address)
_companies = cache(Finance)


def _check_digits(country: str, account: str) -> int:
    letters = "".join(str(ord(letter) - 55) for letter in country)
    return 98 - int(f"{account}{letters}00") % 97


def _host(path: str) -> "Callable[[Subject], str]":
    return lambda it: f"https://example.com/{path}/{it.kind or 'files'}/{it.number + 1}"


def _labelled(text: str) -> "Callable[[Subject], str]":
    return lambda it: f"{text} {it.number + 1}"


def _one_of(*texts: str) -> "Callable[[Subject], str]":
    return lambda it: texts[it.number % len(texts)]


def _evse_id(it: Subject) -> str:
    return f"{it.place.country}*AMP*E{it.number + 1:06d}"


_TEXTS: Mapping[str, Callable[[Subject], str]] = {
    "acceptUrl": _host("invites"),
    "additionalInformation": _one_of("Taxes are included.", "Prices vary by day.", "Parking is extra."),
    "address": lambda it: it.street,
    "bankAccountNumber": lambda it: it.digits(14),
    "bankAccountType": _one_of("checking", "savings"),
    "bankAddress": lambda it: f"{it.street}, {it.place.city}",
    "bankCode": lambda it: f"XXXX{it.place.country}00",
    "bankIban": lambda it: it.iban,
    "bankMessage": _one_of("Approved", "Approved after a check of the card", "Declined by the bank"),
    "bankName": lambda it: f"{it.place.city} Savings Bank",
    "base": _one_of("EUR", "DKK", "SEK"),
    "businessName": lambda it: it.company,
    "capabilities": _one_of("REMOTE_START_STOP_CAPABLE", "RFID_READER", "UNLOCK_CAPABLE"),
    "city": lambda it: it.place.city,
    "companyName": lambda it: it.company,
    "contactPerson": lambda it: f"{it.first_name} {it.last_name}",
    "content": _one_of("The terms of charging.", "How data are used.", "What is sent to you."),
    "contractId": lambda it: f"{it.place.country}-AMP-C{it.code()}-{it.number % 10}",
    "country": lambda it: it.place.country,
    "countryCode": lambda it: it.place.country,
    "cpoQrcodePrefix": lambda it: f"https://example.com/qr/{it.number + 1}/",
    "createdBy": _one_of("admin", "app", "api"),
    "currency": _one_of("EUR", "DKK", "SEK"),
    "defaultLanguage": lambda it: it.place.language,
    "defaultPhoto": _host("photos"),
    "description": lambda it: f"{it.label}, {it.place.city}",
    "details": _labelled("Corrections of release"),
    "displayText": lambda it: f"Welcome in {it.place.city}",
    "downloadUrl": _host("downloads"),
    "email": lambda it: it.email,
    "emspCountryCode": lambda it: it.place.country,
    "emspPartyId": lambda it: it.code(3),
    "emailVerified": _one_of(""),
    "endpoint": _host("ocpi"),
    "errorCode": lambda it: f"E{it.number + 101}",
    "errorCodeCustomerAction": _one_of("Plug in again.", "Use another connector.", "Call the hotline."),
    "errorCodeDescription": _one_of("The ground wire is faulty.", "The lock is stuck.", "The meter is silent."),
    "evseIdPrefix": lambda it: f"{it.place.country}*AMP*",
    "externalId": lambda it: f"EXT-{it.code()}",
    "fileUrl": _host("files"),
    "firmwareVersion": lambda it: f"{it.number // 5 + 1}.{it.number % 5}.0",
    "firstName": lambda it: it.first_name,
    "hubjectId": lambda it: f"{it.place.country}*{it.code(3)}",
    "iccid": lambda it: it.digits(19, "8900000"),
    "imsi": lambda it: it.digits(15, "00101"),
    "ip": lambda it: f"192.0.2.{it.number % 254 + 1}",
    "keyName": _labelled("VendorKey"),
    "label": lambda it: it.label,
    "language": lambda it: it.place.language,
    "lastName": lambda it: it.last_name,
    "learnMoreUrl": _host("pages"),
    "locale": _one_of("en"),
    "middleName": lambda it: it.first_name[:1],
    "mimeType": _one_of("image/jpeg"),
    "minorUnitSign": _one_of("c", "øre", "öre"),
    "model": _one_of("AC 22", "DC 150", "AC 11"),
    "name": lambda it: it.label,
    "notice": _one_of("Planned maintenance", "Power cut of the grid", "Construction works"),
    "number": lambda it: f"{it.number + 1:06d}",
    "operatorId": lambda it: f"{it.place.country}*{it.code(3)}",
    "original": _host("photos"),
    "outcomeDetails": _one_of("Installed and tested.", "The cable was too short.", "Nobody was there."),
    "partyId": lambda it: it.code(3),
    "paymentMethod": _one_of("visa", "mastercard", "balance"),
    "pcId": lambda it: f"PC{it.code()}",
    "personalId": lambda it: it.digits(8, "0000"),
    "phone": lambda it: it.phone,
    "physicalReference": _evse_id,
    "pin": lambda it: f"{it.number * 37 % 10000:04d}",
    "postCode": lambda it: it.place.post_code,
    "postcode": lambda it: it.place.post_code,
    "post_code": lambda it: it.place.post_code,
    "prefix": _one_of("€", "DKK", "SEK"),
    "priceInformation": _labelled("Price list"),
    "promoCode": lambda it: f"PROMO{it.code(4)}",
    "region": lambda it: it.place.region,
    "regNo": lambda it: it.digits(8, "00"),
    "role": _one_of("CPO", "EMSP", "CPO"),
    "roamingIds": lambda it: f"ROAM-{it.code()}",
    "rfidLabel": lambda it: f"Tag of {it.first_name}",
    "rfidTagUid": lambda it: f"04{it.code()}",
    "idLabel": lambda it: f"Tag of {it.first_name}",
    "idTagUid": lambda it: f"04{it.code()}",
    "evseId": _evse_id,
    "serialNumber": lambda it: f"SN{it.code()}",
    "chargePointSerialNumber": lambda it: f"SN{it.code()}",
    "chargeBoxSerialNumber": lambda it: f"BOX{it.code()}",
    "meterSerialNumber": lambda it: f"M{it.code()}",
    "service": _one_of("Charging", "Subscription", "Parking"),
    "sharingCode": lambda it: it.code(6),
    "signature": lambda it: it.code() * 4,
    "signingCertificate": lambda it: f"-----BEGIN CERTIFICATE-----{it.code()}-----END CERTIFICATE-----",
    "streetAddress": lambda it: it.street,
    "suffix": _one_of("EUR", "kr.", "kr"),
    "summary": _one_of("Charging", "Privacy", "News"),
    "target": _one_of("DKK", "SEK", "EUR"),
    "tariffIds": lambda it: f"TARIFF-{it.number % 5 + 1}",
    "taxAdministrationOfficeName": lambda it: f"Tax office of {it.place.city}",
    "taxId": lambda it: it.digits(9, "000"),
    "techInfo": _one_of("Checked at start", "By the operator", "By the clock"),
    "thumbnail": _host("thumbnails"),
    "timezone": lambda it: it.place.timezone,
    "token": lambda it: f"test-{it.code()}",
    "translation": lambda it: it.label,
    "uid": lambda it: f"04{it.code()}",
    "url": _host("pages"),
    "userManual": _host("manuals"),
    "installerManual": _host("manuals"),
    "value": lambda it: str(it.number + 1),
    "vatNo": lambda it: f"{it.place.country}{it.digits(9, '000')}",
    "vehicleNo": lambda it: f"{_LETTERS[it.number % 23]}{_LETTERS[it.number * 7 % 23]} {it.number + 100:05d}",
    "vendor": _one_of("Voltora", "Chargewell", "Amperion"),
    "vendorErrorCode": lambda it: f"V{it.number % 90 + 10}",
    "vendorId": _one_of("Voltora", "Chargewell", "Amperion"),
}


def knows(name: str) -> bool:
    """Whether there is a text for a field of this name."""
    return name in _TEXTS


def text_of(name: str, subject: Subject) -> str:
    """A text for a field; of a name that says nothing, its words and the number of the record."""
    make = _TEXTS.get(name)
    if make is not None:
        return make(subject)
    words = re.sub(r"(?<=[a-z0-9])([A-Z])|_", r" \1", name or "text").lower().strip()
    return f"{words.capitalize()} {subject.number + 1}"
