-- The rows of interactions, as CSV; the file they come from is sorted.
SELECT * FROM interactions
