"""How often a test with a number of examples of its own draws them."""

from hypothesis import settings

WHOLE = settings.get_profile("default").max_examples


def examples(most: int) -> int:
    """Return `most` in the default profile, and as many times fewer as in a quicker one."""
    return max(1, most * settings().max_examples // WHOLE)
