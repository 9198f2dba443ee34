"""What is known of products that are widely sold: their names, editions, makers and bundles, as the SQL reads them."""

import duckdb

from connectors.resolution.vocabulary import TABLES
from pipelines.casting import quoted

SHIPPED = {"settings.product_name": "products.csv", "settings.product_bundle": "bundles.csv"}


def bring_products(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill settings.product_name and settings.product_bundle from the shipped tables."""
    for table, file in SHIPPED.items():
        connection.execute(f"copy {table} from {quoted(str(TABLES / file))} (header, delimiter ',', quote '\"')")
