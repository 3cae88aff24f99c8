"""What processes that are killed, full disks and closed folders do to releases: nothing a reader sees."""
