"""The service standards that the registry search knows, and what they are for."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field

STANDARD = "ivo://ivoa.net/std/"
AUXILIARY = ", in a larger service"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceType:
    """One kind of service: what users choose, and the standards it is registered under.

    The registry writes identifiers in lower case. `exact` are whole identifiers;
    `beginnings` are those of standards whose minor versions are part of the identifier.
    Those that stand for data reached through a service which holds other data as well
    ("#aux", Discovering Data Collections 1.1) are in `aux_exact` and `aux_beginnings`.
    `query_id` is the query that asks such a service.
    """

    key: str
    title: str
    name: str
    exact: tuple[str, ...] = ()
    aux_exact: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    aux_beginnings: tuple[str, ...] = ()
    query_id: str | None = None

    def has(self, standard_id: str) -> bool:
        """Say whether an identifier of a standard, in lower case, is of this type."""
        return standard_id in self.exact + self.aux_exact or standard_id.startswith(
            self.beginnings + self.aux_beginnings
        )


def _plain(key: str, title: str, name: str, standard: str, query_id: str | None) -> ServiceType:
    return ServiceType(
        key=key,
        title=title,
        name=name,
        exact=(STANDARD + standard,),
        aux_exact=(STANDARD + standard + "#aux",),
        query_id=query_id,
    )


def _versioned(key: str, title: str, name: str, *beginnings: str) -> ServiceType:
    return ServiceType(
        key=key, title=title, name=name, beginnings=tuple(STANDARD + one for one in beginnings)
    )


SERVICE_TYPES = (
    _plain("tap", "Tables, by queries in ADQL (TAP)", "Tables (TAP)", "tap", "query.tap"),
    _plain(
        "scs", "Catalogues, by position (Cone Search)", "Catalogue (Cone Search)", "conesearch",
        "query.scs",
    ),
    _plain("sia1", "Images (SIA 1)", "Images (SIA 1)", "sia", "query.sia1"),
    ServiceType(
        key="sia2",
        title="Images (SIA 2)",
        name="Images (SIA 2)",
        beginnings=(STANDARD + "sia#query-2.",),
        aux_beginnings=(STANDARD + "sia#query-aux-2.",),
        query_id="query.sia2",
    ),
    _plain("ssa", "Spectra (SSA)", "Spectra (SSA)", "ssa", "query.ssa"),
    _plain("slap", "Spectral lines (SLAP)", "Spectral lines (SLAP)", "slap", None),
    _versioned("datalink", "Links of datasets (Datalink)", "Links (Datalink)", "datalink#links-1."),
    _versioned("soda", "Cut-outs (SODA)", "Cut-outs (SODA)", "soda#sync-1.", "soda#async-1."),
    _versioned("hips", "Sky maps (HiPS)", "Sky map (HiPS)", "hips#hips-1."),
)  # fmt: skip
BY_KEY = {one.key: one for one in SERVICE_TYPES}
TAP_STANDARDS = frozenset(BY_KEY["tap"].exact + BY_KEY["tap"].aux_exact)
# What older links call both versions.
GROUPS = {"sia": ("sia1", "sia2")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """Identifiers of standards: whole ones, and beginnings of those with a version."""

    exact: tuple[str, ...] = field(default=())
    beginnings: tuple[str, ...] = field(default=())


def standards_of(keys: Iterable[str]) -> Standards:
    """Return the standards of some types of service; of all, when none is named."""
    chosen = types_of(keys) or SERVICE_TYPES
    return Standards(
        exact=tuple(one for kind in chosen for one in kind.exact + kind.aux_exact),
        beginnings=tuple(one for kind in chosen for one in kind.beginnings + kind.aux_beginnings),
    )


def types_of(keys: Iterable[str]) -> tuple[ServiceType, ...]:
    """Return the types of service that the keys name."""
    wanted = {name for key in keys for name in GROUPS.get(key, (key,))}
    return tuple(one for one in SERVICE_TYPES if one.key in wanted)


def type_of(standard_id: str | None) -> ServiceType | None:
    """Return the type of service that a standard stands for, or None."""
    folded = (standard_id or "").casefold()
    return next((one for one in SERVICE_TYPES if one.has(folded)), None)


def is_auxiliary(standard_id: str | None) -> bool:
    """Say whether a standard's identifier is that of data in a larger service."""
    folded = (standard_id or "").casefold()
    return folded.endswith("#aux") or "#query-aux-" in folded


def words_of_standard(standard_id: str | None) -> str:
    """Return what a standard is called in words; its identifier, when it is another one."""
    kind = type_of(standard_id)
    if kind is None:
        return (standard_id or "").removeprefix(STANDARD)
    if not is_auxiliary(standard_id):
        return kind.name
    return f"{kind.name[:-1]}{AUXILIARY})" if kind.name.endswith(")") else kind.name + AUXILIARY
