"""What all doors need once: the edge, limits, bodies, forms, metrics, logs, language, certificate."""
