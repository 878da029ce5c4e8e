"""Claims: printed figures of articles, how they read, and where they stand in the text."""
