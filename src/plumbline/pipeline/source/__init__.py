"""YAML as it is written: parsed with its marks, tags resolved, merged."""
