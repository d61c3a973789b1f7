"""Learn from the decision log: how likely an offer is accepted, and accepted work completed."""
