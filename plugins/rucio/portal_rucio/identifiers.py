"""Data identifiers as people write them: scope:name."""


def read_did(text: str) -> dict[str, str]:
    """Return scope and name, as Rucio takes them; raises ValueError for what is none."""
    scope, colon, name = text.partition(":")
    if not (scope and colon and name):
        raise ValueError(f"{text!r} is no data identifier: write its scope and name as scope:name")
    return {"scope": scope, "name": name}


def check_did(text: str) -> str:
    """Refuse, at the form, what is no data identifier."""
    read_did(text)
    return text


def check_dids(texts: list[str]) -> list[str]:
    """Refuse, at the form, a list in which one is none."""
    for text in texts:
        read_did(text)
    return texts
