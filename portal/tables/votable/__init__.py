"""Read VOTables as they arrive: first rows at once, any length in constant memory.

The values are astropy's, with these exceptions, all on purpose:

- NaN is null, in every float column and in arrays, whatever VALUES says.
- BINARY2 marks nulls in text columns; astropy forgets them and gives "".
- An empty cell of numbers is null in all versions and types; astropy gives 0 for integers
  before VOTable 1.3, and refuses fixed-length arrays of complex numbers.
- A null value of VALUES that is no integer is ignored; astropy takes it as 0.
- Arrays of float are of that type in every serialisation; astropy makes some double.
- Text is not cut at its declared arraysize, and ends at its first NUL.
- BINARY char is UTF-8 (VOTable 1.6), else ISO 8859-1; astropy refuses all but ASCII.
- A variable-length array of bits is packed, and the length of "2x*" counts numbers
  (VOTable 1.4, section 5.3 and 6); astropy wants a byte per bit, and counts pairs.
- An array of strings (char, "8x2") is one string; astropy refuses the table.
- Bytes after the last whole row of BINARY are mentioned at the end; astropy drops them.
- One bit in BINARY is any bit of its byte; astropy looks at one in the middle.
"""
