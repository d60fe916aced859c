"""What a tester may place in a world, collection by collection, and under which names.

The names are the API's own; what the API never shows stands under `sandbox:`. A `Field` knows
the record's attribute and how its value is written, read, and shown by the API. What follows
from other records (`spots_left` apart, see `placing`) is not written but derived, and a file
that states it is told so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.domain.moments import on_the_second, rfc3339, seconds
from sandbox.domain.records import (
    AccessCode,
    Account,
    Booking,
    BookingSession,
    CheckIn,
    ClassCategory,
    Client,
    CopayOption,
    CopayPurchase,
    CreditPackage,
    CreditPurchase,
    Instance,
    IssuedPass,
    Lookup,
    Lot,
    Package,
    Provider,
    Quote,
    Record,
    Service,
    StudioClass,
)
from sandbox.world.dates import moment

Value = Any


@dataclass(frozen=True, slots=True)
class Codec:
    """How one sort of value is written in a file, kept in a record, and shown by the API."""

    read: Callable[[Value, int], Value]  # what is written, and the world's start
    show: Callable[[Value], Value]  # as the API shows it: what the schema is asked about
    write: Callable[[Value], Value]


def _same(value: Value) -> Value:
    return value


def _plain(value: Value, _: int) -> Value:
    return value


def _moment(value: Value, start: int) -> Value:
    return None if value is None else moment(value, start)


def _moment_on_the_second(value: Value, start: int) -> Value:
    """What begins at `now+2h` begins at the second that its answers tell."""
    return None if value is None else on_the_second(moment(value, start))


def _written(value: Value) -> Value:
    return None if value is None else rfc3339(value)


def _account_id(value: Value, _: int) -> Value:
    return f"acct_{value}" if isinstance(value, str) else value


PLAIN = Codec(_plain, _same, _same)
MILLIS = Codec(_moment, _same, _written)
SECONDS = Codec(_moment, lambda value: None if value is None else seconds(value), _written)
WHOLE_SECONDS = Codec(_moment_on_the_second, SECONDS.show, _written)
ACCOUNT = Codec(
    _account_id, lambda value: value.removeprefix("acct_"), lambda value: value.removeprefix("acct_")
)


@dataclass(frozen=True, slots=True)
class Field:
    attribute: str
    codec: Codec = PLAIN
    names: type[Record] | None = None  # what it names must exist


@dataclass(frozen=True, slots=True)
class Collection:
    kind: type[Record]
    fields: Mapping[str, Field]
    sandbox: Mapping[str, Field] = field(default_factory=dict)
    acts: frozenset[str] = frozenset()  # names that `placing` understands beyond the record's own
    of_cast: frozenset[str] = frozenset()  # names that only the fixtures may write
    schema: str = ""  # of openapi.yaml
    prefix: str = ""  # of the id, where no schema demands it (CONV-8)
    derived: Mapping[str, Value] = field(
        default_factory=dict
    )  # follows from elsewhere; a stand-in for the schema


def _fields(names: str, **renamed: Field) -> dict[str, Field]:
    return {name: Field(name) for name in names.split()} | renamed


_CREATED = Field("created", MILLIS)
_CREATED_S = Field("created", SECONDS)
_PRICE = Field("price_kobo")
_OWNER = {"account": Field("owner", ACCOUNT, Account)}
_CLIENT = Field("client_id", names=Client)
_PROVIDER = Field("provider_id", names=Provider)
_PASS = Field("pass_id", names=IssuedPass)
_EXPIRES = Field("expires", MILLIS)
_SERVICES = Field("service_ids", names=Service)
_NGN = {"currency": "NGN"}

_A_CATEGORY = {"type": "GYM", "duration": "MONTHLY", "credit_allocated": 0, "visits_allowed": None}

COLLECTIONS: dict[str, Collection] = {
    "accounts": Collection(
        Account,
        _fields("id name enabled lookup_enabled", balance=Field("balance_kobo"), created=_CREATED),
        of_cast=frozenset({"sandbox.api_key"}),
    ),
    "packages": Collection(
        Package,
        _fields("id name description duration categories payment_model", price=_PRICE, created=_CREATED),
        schema="ResellerV3PassResponse",
        derived=_NGN | {"object": "pass", "livemode": False, "provider_count": 0},
    ),
    "providers": Collection(
        Provider,
        _fields(
            "id name category tier address city country lat lon accepts_credits check_in_credit_cost",
            created=_CREATED,
        ),
        sandbox=_fields("rooms"),
        schema="ResellerV3ProviderResponse",
        derived={"object": "provider", "distance_km": None, "copay_available": False},
    ),
    "services": Collection(
        Service,
        _fields(
            "id name description duration_minutes credit_cost",
            provider_id=_PROVIDER,
            price=_PRICE,
            created=_CREATED,
        ),
        schema="ResellerV3ServiceResponse",
        derived=_NGN | {"object": "service"},
    ),
    "copay_options": Collection(
        CopayOption,
        _fields("id name duration visits", provider_id=_PROVIDER, amount=_PRICE),
        sandbox={"created": _CREATED},
        schema="CopayOption",
        derived=_NGN | {"object": "copay_option"},
    ),
    "class_categories": Collection(
        ClassCategory, _fields("id name"), schema="ClassCategory", derived={"object": "class_category"}
    ),
    "classes": Collection(
        StudioClass,
        _fields(
            "id name description duration_minutes credit_cost",
            category=Field("category", names=ClassCategory),
            provider_id=_PROVIDER,
            created=_CREATED_S,
        ),
        schema="ResellerV3ClassResponse",
        derived={"object": "class", "provider_name": "-", "tier": "STANDARD"},
    ),
    "class_instances": Collection(
        Instance,
        _fields(
            "id duration_minutes capacity credit_cost",
            class_id=Field("class_id", names=StudioClass),
            scheduled_for=Field("starts", WHOLE_SECONDS),
        ),
        sandbox={
            "created": _CREATED,
            "taken_elsewhere": Field("taken_elsewhere"),
            "cancelled_at": Field("cancelled", MILLIS),
        },
        acts=frozenset({"spots_left", "status"}),
        schema="ResellerV3ClassInstanceResponse",
        derived={
            "object": "class_instance",
            "date": "2026-05-19",
            "time": "18:00",
            "spots_left": 0,
            "status": "SCHEDULED",
        },
    ),
    "credit_packages": Collection(
        CreditPackage,
        _fields("id name credits bonus_credits expires_in_days", amount=_PRICE, created=_CREATED),
        sandbox=_fields("state"),
        schema="CreditPackage",
        derived=_NGN | {"object": "credit_package"},
    ),
    "clients": Collection(
        Client,
        _fields("id first_name last_name email phone", created=_CREATED),
        sandbox=_OWNER,
        schema="ResellerV3ClientResponse",
        derived=_NGN | {"object": "client", "passes": [], "credit_balance": 0},
    ),
    "issued_passes": Collection(
        IssuedPass,
        _fields(
            "id passcode transaction_id tx_ref",
            client_id=_CLIENT,
            pass_id=Field("package_id", names=Package),
            start_date=Field("starts", MILLIS),
            expires_at=_EXPIRES,
            created=_CREATED,
        ),
        sandbox={"cancelled_at": Field("cancelled", MILLIS)},
        acts=frozenset({"status", "sandbox.visits_used", "sandbox.bought_visits"}),
        schema="ResellerV3IssuedPassResponse",
        derived={
            "object": "issued_pass",
            "status": "ACTIVE",
            "categories": [_A_CATEGORY],
            "message": "-",
            "pass_name": "-",
        },
    ),
    "credit_purchases": Collection(
        CreditPurchase,
        _fields(
            "id credits_added",
            client_id=_CLIENT,
            package_id=Field("package_id", names=CreditPackage),
            amount=_PRICE,
            expires_at=_EXPIRES,
            created=_CREATED,
        ),
        sandbox=_OWNER | {"refunded_at": Field("refunded", MILLIS)},
        acts=frozenset({"sandbox.remaining"}),
        schema="ResellerV3CreditPurchaseResponse",
        derived=_NGN | {"object": "credit_purchase", "balance": 0, "message": "-"},
    ),
    "credits": Collection(
        Lot,
        _fields("id", client_id=_CLIENT, credits=Field("granted"), expires_at=_EXPIRES, created=_CREATED),
        sandbox=_fields("remaining source source_id"),
        acts=frozenset({"sandbox.description"}),
        prefix="lot_",
    ),
    "copay_purchases": Collection(
        CopayPurchase,
        _fields(
            "type",
            copay_purchase_id=Field("id"),
            client_id=_CLIENT,
            provider_id=_PROVIDER,
            amount=_PRICE,
            valid_until=Field("valid_until", MILLIS),
            created=_CREATED,
        ),
        sandbox=_OWNER | _fields("visits used spent_on", service_ids=_SERVICES),
        acts=frozenset({"copay_option_id"}),
        schema="CoPayPurchase",
        derived=_NGN | {"object": "copay_purchase", "status": "COMPLETED", "message": "-"},
    ),
    "quotes": Collection(
        Quote,
        _fields(
            "id",
            client_id=_CLIENT,
            provider_id=_PROVIDER,
            service_ids=_SERVICES,
            amount=Field("amount_kobo"),
            expires_at=_EXPIRES,
            created=_CREATED,
        ),
        sandbox=_OWNER | {"used_at": Field("used", MILLIS)},
        acts=frozenset({"user_pass_id"}),
        prefix="quote_",
    ),
    "bookings": Collection(
        Booking,
        _fields(
            "id first_name last_name",
            client_id=_CLIENT,
            class_instance_id=Field("instance_id", names=Instance),
            provider_id=_PROVIDER,
            service_ids=_SERVICES,
            scheduled_for=Field("starts", WHOLE_SECONDS),
            created=_CREATED_S,
        ),
        sandbox=_OWNER
        | _fields(
            "no_show reason",
            closed_at=Field("closed_at", MILLIS),
            confirmed_at=Field("confirmed_at", MILLIS),
        ),
        acts=frozenset({"user_pass_id", "status", "sandbox.copay_purchase_id", "sandbox.spent"}),
        prefix="booking_",
    ),
    "sessions": Collection(
        BookingSession,
        _fields(
            "credits_required",
            session_id=Field("id"),
            client_id=_CLIENT,
            class_instance_id=Field("instance_id", names=Instance),
            provider_id=_PROVIDER,
            service_ids=_SERVICES,
            scheduled_for=Field("starts", WHOLE_SECONDS),
            copay_options=Field("option_ids", names=CopayOption),
            copay_amount=Field("copay_kobo"),
            expires_at=Field("expires", SECONDS),
            created=_CREATED_S,
        ),
        sandbox=_OWNER | {"used_at": Field("used", MILLIS)},
        acts=frozenset({"user_pass_id", "copay_required", "additional_visits_required"}),
        prefix="sess_",
    ),
    "access_codes": Collection(
        AccessCode,
        _fields(
            "id",
            access_code=Field("code"),
            client_id=_CLIENT,
            provider_id=_PROVIDER,
            expires_at=_EXPIRES,
            created=_CREATED,
        ),
        sandbox=_OWNER | {"used_at": Field("used", MILLIS)},
        acts=frozenset({"user_pass_id"}),
        schema="ResellerV3AccessCodeResponse",
        derived={"object": "access_code", "qr_code": "data:image/png;base64,", "message": "-"},
    ),
    "check_ins": Collection(
        CheckIn,
        _fields("", client_id=_CLIENT, provider_id=_PROVIDER),
        sandbox={"at": _CREATED},
        acts=frozenset({"user_pass_id"}),
    ),
    "lookups": Collection(
        Lookup,
        _fields("id", client_id=_CLIENT, expires_at=_EXPIRES, created=_CREATED),
        sandbox=_OWNER | _fields("wrong_attempts", access_code=Field("code")),
        acts=frozenset({"issuer_id", "status", "sandbox.lookup_token", "sandbox.token_expires_at"}),
        schema="LookupV3Response",
        derived={"object": "lookup", "issuer_id": "iss_-", "status": "PENDING", "message": "-"},
    ),
}
