"""Until when makers support the releases of products that companies run themselves: a small dated table of facts.

Where the dates come from, and when they were read, stands in SOURCES.md and in every row. The columns of the file are those
of `settings.end_of_support`.
"""

from pathlib import Path

PRODUCTS = Path(__file__).parent / "products.csv"
"""The table: UTF-8, commas, a header; product, other names of it with semicolons between, release cycle, day, source, day of look-up."""
