"""The small languages inside the YAML: expressions, rules, globs, durations, cron, matrices, variables."""
