"""What several datasets share about clicks: which are known, whose they are, and the sessions they make."""
