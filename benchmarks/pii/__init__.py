"""The detector of personal data beside others, on made and ordinary files."""
