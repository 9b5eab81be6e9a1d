"""One place on the sky, asked of every archive that can answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cone:
    """Everything near here, and where given in a band and in a span of time.

    `ra`, `dec` and `radius` are degrees, ICRS. `band` is the least and the greatest wavelength
    in metres (vacuum), `time` the first and the last instant as MJD (UTC); None at either end
    of them means without limit.
    """

    ra: float
    dec: float
    radius: float
    band: tuple[float | None, float | None] | None = None
    time: tuple[float | None, float | None] | None = None

    @property
    def position(self) -> str:
        """The centre as a parameter of type `Position` takes it."""
        return " ".join(f"{one:+.9f}".rstrip("0").rstrip(".") for one in (self.ra, self.dec))[1:]
