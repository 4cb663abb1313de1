"""The pure rules, each told in sentences."""
