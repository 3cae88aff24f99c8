"""One logical run: its id, what it lands, what it plans, what is left to do, and how it is shown."""
