"""Everything that is kept: one Redis-protocol server behind a few small classes."""
