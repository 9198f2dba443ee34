"""Reading files: every cell as text exactly as in the file, or a refusal that says what, where, why and what to do.

`open_tables` finds the tables of a CSV, TSV, XLSX, JSON, NDJSON or Parquet file, or of a zip of those;
`Reading.records` streams one table; `prove` shows when a faster reader may be trusted with a CSV file instead. No
value is converted here.
"""

from connectors.reading.header import normalise
from connectors.reading.nouns import Dialect, Layout, Reading, Record, Refused, SetAside
from connectors.reading.opening import open_tables
from connectors.reading.proof import Proof, prove

__all__ = [
    "Dialect",
    "Layout",
    "Proof",
    "Reading",
    "Record",
    "Refused",
    "SetAside",
    "normalise",
    "open_tables",
    "prove",
]
