"""Builds one frozen value of tools per subject out of the adapters. No rule lives here."""
