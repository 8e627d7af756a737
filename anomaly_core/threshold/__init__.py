"""From scores to verdicts: rules, purposes, and how sure their figures are."""
