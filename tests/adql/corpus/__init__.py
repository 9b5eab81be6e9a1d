"""Queries that are ADQL and texts that are not, for the tests of the checks."""

from pathlib import Path

FOLDER = Path(__file__).parent


def read(name: str) -> list[str]:
    """Return the texts of one file: its paragraphs, without the lines that start with #."""
    texts = []
    for paragraph in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in paragraph.split("\n") if not line.startswith("#")]
        if text := "\n".join(lines).strip():
            texts.append(text)
    return texts
