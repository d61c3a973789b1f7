"""What a log says of a policy: its value and how sure that is, its fairness, its calibration."""
