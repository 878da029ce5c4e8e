"""Where things are kept: the private ledger file, landing, auditing, publishing, reading back."""
