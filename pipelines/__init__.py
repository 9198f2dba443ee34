"""When things run and whether they are right: the only folder that knows Dagster, DuckDB files and the CLI."""
