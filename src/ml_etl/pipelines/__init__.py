"""One folder per pipeline: pipeline (the table of contents), nodes, params, contracts."""
