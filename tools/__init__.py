"""Programs that make the tables in ``src/sentinel/data``; nothing here ships."""
