"""The small languages inside the YAML: expressions, globs, regular expressions, durations, cron, variables."""
