"""The benchmark: what a refresh costs, beside a bare DuckDB script that does the same work without Plumbline."""
