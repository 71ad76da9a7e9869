"""Canaries: secrets and personal data that a tenant puts into its answers, and that no report may contain."""

import base64
import json
from urllib.parse import quote

from tests.support.loopback import Sent

TOKEN = "qX7vT2mK9zR4wL8pN3bH6sJ1dF5gC0yA"
_HALF = len(TOKEN) // 2

#: What is put into the answers, by kind. No canary contains another.
SECRETS = {
    "token": TOKEN,
    "first half of the token": TOKEN[:_HALF],
    "second half of the token": TOKEN[_HALF:],
    "middle of the token": TOKEN[8:24],
    "token in base64": base64.b64encode(TOKEN.encode()).decode(),
    "token in base64 after a name": base64.b64encode(f"user:{TOKEN}".encode()).decode(),
    "half of the token in base64": base64.b64encode(TOKEN[:_HALF].encode()).decode(),
    "token in hex": TOKEN.encode().hex(),
    "token in upper hex": TOKEN.encode().hex().upper(),
    "half of the token in hex": TOKEN[_HALF:].encode().hex(),
    "token reversed": TOKEN[::-1],
    "half of the token reversed": TOKEN[:_HALF][::-1],
}
PERSONAL = {
    "e-mail": "ylva.brandt@kunde-nord.dk",
    "e-mail in a URL": "ylva.brandt2%40kunde-syd.dk",
    "phone": "+45 20 98 76 54",
    "phone without blanks": "+4520987611",
    "first name": "Ylvagard",
    "full name": "Oddny Brandtsdottir",
    "name in capitals": "THORBJOERN",
    "name in another script": "Бранимира",
    "short name": "Ylvi",
    "street": "Kastanievaenget 17",
    "post code": "DK-8270",
    "city": "Hoejbjerg",
    "plate": "BX 48 213",
    "vehicle": "WVWZZZ1JZXW000001",
    "tag": "04A2B3C4D5E6F7",
    "card": "4929 1234 5678 9014",
    "card without blanks": "5425233430109903",
    "IBAN": "DK5000400440116243",
    "IBAN in groups": "DE89 3704 0044 0532 0130 00",
    "personal id": "010190-1234",
    "password in a text": "hunterzwei",
    "user name in a URL": "brandtylva",
}
CANARIES = SECRETS | PERSONAL

_SENTENCES = {
    "password in a text": "login failed for password='{}'",
    "user name in a URL": "https://kunde.example/u/{}?next=1",
    "first name": "Dear {}, your tax is due",
}
_KEYS = ("token", "token in hex", "e-mail", "full name", "plate", "tag", "IBAN", "phone")
#: Documented names that hold text; the others are new to the specification.
_DOCUMENTED_BELOW = {
    "location": {"name": "name in capitals", "address": "street", "zipCode": "post code", "city": "city"},
    "auth": {"evcoID": "IBAN", "tagUid": "tag", "tagLabel": "full name", "tagDescription": "e-mail"},
}
_DOCUMENTED = {
    "full name": "name",
    "first name": "firstName",
    "city": "city",
    "plate": "vehicleNo",
    "street": "address",
}


def texts() -> dict[str, str]:
    """Every canary as an answer has it, by its kind."""
    return {kind: _SENTENCES.get(kind, "{}").format(value) for kind, value in CANARIES.items()}


def put_canaries(method: str, path: str, sent: Sent) -> None:
    """Put every canary into an answer: texts, documented fields, keys and headers; some answers are server errors."""
    if "/_emulator" in path:
        sent.status, sent.content, sent.headers = 404, b"{}", {"content-type": "application/json"}
        return
    extra = {f"note{number}": text for number, text in enumerate(texts().values())}
    for number, text in enumerate(texts().values()):
        sent.headers[f"X-Note-{number}"] = quote(text, safe=" +=:/?@'%") if text.isascii() else "-"
    sent.headers["Link"] = f'<https://api.example/x?access={TOKEN}&name={quote(PERSONAL["first name"])}>; rel="next"'
    sent.headers["Set-Cookie"] = f"session={TOKEN}"
    try:
        body = json.loads(sent.content)
    except ValueError:
        return
    documented = {name: CANARIES[kind] for kind, name in _DOCUMENTED.items()}
    keys = {CANARIES[kind]: 1 for kind in _KEYS}
    numbers = {"phoneNumber": 4520987611, "note": {"value": 5425233430109903}}
    data = body.get("data", body if "id" in body else None) if isinstance(body, dict) else None
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            item |= {**extra, **keys, **numbers, **documented}
            for name, kinds in _DOCUMENTED_BELOW.items():
                if isinstance(item.get(name), dict):
                    item[name] |= {field: CANARIES[kind] for field, kind in kinds.items()}
    if isinstance(body, dict):
        # Words of the suite's own sentences stay readable.
        body |= {"message": " ".join([*texts().values(), "this breaks a test"]), "extra": {**extra, **keys}}
    if method == "GET" and isinstance(data, dict):
        # A violated value, and an echo of the token.
        data |= {"status": PERSONAL["full name"], "createdAt": PERSONAL["phone"], "id": PERSONAL["tag"]}
    sent.content = json.dumps(body).encode()
    if method == "GET" and "page=2" in path:
        sent.status = 500
