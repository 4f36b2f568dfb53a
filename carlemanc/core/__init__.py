"""What every stage shares: errors, progress and citations. Imports nothing outside the standard library."""
