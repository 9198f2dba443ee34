"""What is known of products that are widely sold, as the SQL reads it: their names, editions, makers and bundles, and how long they are supported."""

import duckdb

from connectors.end_of_support import PRODUCTS
from connectors.resolution.vocabulary import TABLES
from pipelines.casting import quoted

SHIPPED = {"settings.product_name": TABLES / "products.csv", "settings.product_bundle": TABLES / "bundles.csv", "settings.end_of_support": PRODUCTS}


def bring_products(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill settings.product_name, settings.product_bundle and settings.end_of_support from the shipped tables."""
    for table, file in SHIPPED.items():
        connection.execute(f"copy {table} from {quoted(str(file))} (header, delimiter ',', quote '\"')")
