"""The life cycles: pure functions from a record and an event to a record and effects."""
