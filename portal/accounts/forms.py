"""The two forms of the account page: a new token, and a login at a remote service."""

import re
from typing import Annotated
from typing import Literal

from pydantic import AfterValidator
from pydantic import StringConstraints

from portal.accounts.credentials import service_name
from portal.accounts.tokens import LABEL_LENGTH
from portal.parameters import Choice
from portal.parameters import form_fields
from portal.parameters import parameter
from portal.parameters import Parameters

SECRET_LENGTH = 4000
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

LIFETIMES = (
    Choice(value="30", title="30 days"),
    Choice(value="90", title="90 days"),
    Choice(value="365", title="a year"),
    Choice(value="unlimited", title="until it is revoked"),
)


def _check_one_line(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("must be one line of plain text")
    return text


def _check_user_name(text: str) -> str:
    if ":" in text:
        raise ValueError("a user name cannot have a colon")
    return _check_one_line(text)


class TokenForm(Parameters):
    """What somebody says about a token that is to be made."""

    label: str = parameter(
        "",
        title="What is it for?",
        placeholder="notebook on my laptop",
        max_length=LABEL_LENGTH,
    )
    lifetime: Literal["30", "90", "365", "unlimited"] = parameter(
        "365", title="How long does it last?", widget="radio"
    )


class EsapTokenForm(Parameters):
    """What somebody says about a token for a program that was written for ESAP."""

    label: str = parameter(
        "", title="What is it for?", placeholder="shopping client", max_length=LABEL_LENGTH
    )
    lifetime: Literal["1", "30", "90", "365"] = parameter(
        "30", title="How long does it last?", widget="radio"
    )


class CredentialForm(Parameters):
    """What logs its owner in at a remote service; blanks around a secret are part of it."""

    service: Annotated[str, AfterValidator(service_name)] = parameter(
        title="Host",
        description="Or its whole address.",
        placeholder="archive.example.org",
    )
    user_name: Annotated[str, AfterValidator(_check_user_name)] = parameter(
        "", title="User name", description="Leave it empty for a token.", max_length=200
    )
    secret: Annotated[
        str, StringConstraints(strip_whitespace=False), AfterValidator(_check_one_line)
    ] = parameter(title="Password or token", widget="password", max_length=SECRET_LENGTH)


ESAP_LIFETIMES = (Choice(value="1", title="a day"), *LIFETIMES[:-1])
ESAP_TOKEN_FIELDS = form_fields(EsapTokenForm, {"lifetime": ESAP_LIFETIMES})
TOKEN_FIELDS = form_fields(TokenForm, {"lifetime": LIFETIMES})
CREDENTIAL_FIELDS = form_fields(CredentialForm)
