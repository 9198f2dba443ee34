"""One module a system; see `connectors.api` for what a module says."""
