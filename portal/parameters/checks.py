"""What a job type may declare: its names, and no parameter that would have to be kept secret."""

import re
import typing
from collections.abc import Iterable
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pydantic import Secret

from portal.parameters.kinds import bare_type
from portal.parameters.kinds import is_list
from portal.parameters.models import EXTRA
from portal.parameters.models import Parameters
from portal.parameters.uploads import upload_names

NAME_LENGTH = 64
VERSION_LENGTH = 16
TYPE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
RESERVED_TYPE_NAMES = frozenset(
    {"jobs", "types", "worker", "schema", "capabilities", "availability"}
)

# UWS 1.1 (2.2.2.1, 2.2.3), DALI 1.1 (3.4.5) and what the portal adds for making a job.
UWS_CONTROL_PARAMETERS = frozenset(
    {
        "action",
        "after",
        "basket",
        "destruction",
        "executionduration",
        "jobtype",
        "last",
        "phase",
        "runid",
        "type",
        "upload",
        "wait",
    }
)
SECRET_WORDS = (
    "access_key",
    "api_key",
    "apikey",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "secret",
    "token",
)


def check_declaration(model: type[Parameters], *, names: Iterable[str], version: str) -> None:
    """Refuse a job type that cannot be offered, by its names, version or parameters.

    Raises ValueError. Whoever takes in job types calls this before they reach the service.
    """
    for name in names:
        check_type_name(name)
    if not 0 < len(version) <= VERSION_LENGTH:
        raise ValueError(f"the version of a job type has 1 to {VERSION_LENGTH} characters")
    check_model(model)


def check_type_name(name: str) -> None:
    """Refuse a name that cannot be one element of a path, or that means something else there.

    Raises ValueError.
    """
    if not TYPE_NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot name a job type: up to {NAME_LENGTH} letters, digits, "
            "dots, dashes and underscores, of which the first is a letter or a digit"
        )
    if name.casefold() in RESERVED_TYPE_NAMES:
        raise ValueError(f"a job type cannot be named {name}")


@lru_cache(maxsize=1024)  # each type is checked by whoever takes it in
def check_model(model: type[Parameters]) -> None:
    """Refuse a model that a job cannot keep: names that are taken or too long, and secrets.

    Raises ValueError; names that differ by case only are refused as well.
    """
    folded = [name.casefold() for name in model.model_fields]
    reserved = UWS_CONTROL_PARAMETERS.intersection(folded)
    if reserved:
        raise ValueError(f"parameters may not be named {', '.join(sorted(reserved))}")
    if len(set(folded)) < len(folded):
        raise ValueError("two parameters have the same name but for case")
    if any(len(name) > NAME_LENGTH for name in folded):
        raise ValueError(f"a parameter's name may have {NAME_LENGTH} characters")
    lists = [name for name in upload_names(model) if is_list(model.model_fields[name])]
    if lists:
        raise ValueError(f"{', '.join(lists)}: each file needs a parameter of its own")
    secrets = sorted(_secrets(model))
    if secrets:
        raise ValueError(
            f"{', '.join(secrets)}: a job shows its parameters, so none can be secret; "
            "let the job name a stored credential instead"
        )


def _secrets(model: type[Parameters]) -> Iterator[str]:
    schema = model.model_json_schema()
    for name, info in model.model_fields.items():
        if (
            typing.get_origin(bare_type(info)) is Secret
            or _is_write_only(schema["properties"][name], schema.get("$defs", {}))
            or _sounds_secret(name)
        ):
            yield name


def _is_write_only(part: Any, definitions: dict[str, Any]) -> bool:
    """Look through a schema for what pydantic writes of SecretStr, and what authors may add."""
    if isinstance(part, list):
        return any(_is_write_only(one, definitions) for one in part)
    if not isinstance(part, dict):
        return False
    if part.get("writeOnly") or part.get("format") == "password":
        return True
    if part.get(EXTRA + "widget") == "password":
        return True
    definition = definitions.get(str(part.get("$ref", "")).rpartition("/")[2])
    return any(_is_write_only(one, definitions) for one in (*part.values(), definition))


def _sounds_secret(name: str) -> bool:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).casefold()
    words = "_" + re.sub(r"[^a-z0-9]+", "_", words) + "_"
    return any(f"_{word}_" in words for word in SECRET_WORDS)
