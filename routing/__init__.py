"""The life of a case: pure rules, and use-cases that speak to Protocols."""
