"""The embedded relay: RTP passed on without decoding (docs/media.md)."""
