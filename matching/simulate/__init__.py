"""A simulated market that drives the library as the server does, to compare policies.

`scenario` and `world` say what happens, `answers` what people do about it: frozen before any policy
ran. `market` is the clock, `policies` whom to ring, `metrics` and `report` what came of it.
"""
