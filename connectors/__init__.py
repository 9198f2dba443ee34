"""Where rows come from: file readers, profiles and value formats."""
