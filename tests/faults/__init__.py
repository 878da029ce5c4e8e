"""A campaign of faults against real refreshes: `make faults` runs it, `tests/test_faults.py` a short form."""
