"""The words that ADQL keeps for itself (ADQL 2.1, section 2.1.3)."""

_SQL_WORDS = """
absolute action add all allocate alter and any are as asc assertion at authorization avg begin
between bit bit_length both by cascade cascaded case cast catalog char character char_length
character_length check close coalesce collate collation column commit connect connection
constraint constraints continue convert corresponding count create cross current current_date
current_time current_timestamp current_user cursor date day deallocate decimal declare default
deferrable deferred delete desc describe descriptor diagnostics disconnect distinct domain double
drop else end escape except exception exec execute exists external extract false fetch first float
for foreign found from full get global go goto grant group having hour identity immediate in
indicator initially inner input insensitive insert int integer intersect interval into is isolation
join key language last leading left level like local lower match max min minute module month names
national natural nchar next no not null nullif numeric octet_length of on only open option or order
outer output overlaps pad partial position precision prepare preserve primary prior privileges
procedure public read real references relative restrict revoke right rollback rows schema scroll
second section select session session_user set size smallint some space sql sqlcode sqlerror
sqlstate substring sum system_user table temporary then time timestamp timezone_hour
timezone_minute to trailing transaction translate translation trim true union unique unknown update
upper usage user using value values varchar varying view when whenever where with work write year
zone
"""
_ADQL_WORDS = """
abs acos area asin atan atan2 bigint box ceiling centroid circle contains coord1 coord2 coordsys
cos cot degrees distance exp floor ilike in_unit intersects log log10 mod offset pi point polygon
power radians rand region round sin sqrt tan top truncate
"""

RESERVED_WORDS = frozenset(_SQL_WORDS.split()) | frozenset(_ADQL_WORDS.split())

# Words that ADQL 2.0 left free: a query written for it may use them as names.
FREE_IN_2_0 = frozenset({"bigint", "cot", "ilike", "in_unit", "offset"})
