"""ADQL in a dozen lines, for who writes it once a year (ADQL 2.1)."""

STANDARD = "https://www.ivoa.net/documents/ADQL/"
HINTS = (
    ("The first rows of a table", "SELECT TOP 100 *\nFROM schema_name.table_name"),
    ("Some columns, with names of your own", "SELECT ra, dec, mag AS brightness\nFROM t"),
    (
        "Conditions",
        """\
SELECT *
FROM t
WHERE mag BETWEEN 10 AND 12
  AND (class = 'QSO' OR class IS NULL)
  AND name LIKE 'NGC%'""",
    ),
    ("In order, the brightest first", "SELECT TOP 10 *\nFROM t\nORDER BY mag"),
    ("Counts and means", "SELECT class, COUNT(*) AS n, AVG(mag) AS mean\nFROM t\nGROUP BY class"),
    (
        "Everything around a place: degrees, ICRS",
        """\
SELECT *
FROM t
WHERE 1 = CONTAINS(POINT('ICRS', ra, dec),
  CIRCLE('ICRS', 187.7059, 12.3911, 0.1))""",
    ),
    (
        "Two tables by a common identifier",
        "SELECT a.name, b.flux\nFROM t AS a\nJOIN u AS b ON a.id = b.id",
    ),
    (
        "Two tables by position: within 2 arcsec",
        """\
SELECT a.id, b.id AS other_id,
  DISTANCE(POINT('ICRS', a.ra, a.dec), POINT('ICRS', b.ra, b.dec)) AS separation
FROM t AS a
JOIN u AS b ON 1 = CONTAINS(POINT('ICRS', a.ra, a.dec),
  CIRCLE('ICRS', b.ra, b.dec, 2.0 / 3600))""",
    ),
    (
        "What is in one table and not in the other",
        "SELECT a.*\nFROM t AS a\nLEFT OUTER JOIN u AS b ON a.id = b.id\nWHERE b.id IS NULL",
    ),
    (
        "Names that are not plain words go into double quotes, texts into single ones",
        'SELECT "B-V", "size"\nFROM "J/A+A/1/cat"\nWHERE name = \'Barnard\'\'s star\'',
    ),
    ("A table that is sent along", "SELECT *\nFROM TAP_UPLOAD.mytable"),
)
