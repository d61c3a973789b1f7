"""The messages as frozen types, the method registry, the codecs and the descriptions."""
