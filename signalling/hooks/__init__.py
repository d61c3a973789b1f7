"""Posts events to the webhooks of apps, and watches where those may lead."""
