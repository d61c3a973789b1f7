"""Small learnt models, as files."""

from matching.model import Hazard, Head, Model, Step, dump, versioned


def model(eager: float = 1.0) -> Model:
    """Return a model by which a higher tier accepts more, by *eager* log-odds."""
    tier = Step((0.5,), (0.0, eager), 0.0)
    accept = Hazard(-1.0, {"tier": tier}, ends_s=(10.0, 20.0), by_period=(0.0, -0.5))
    return versioned(accept, Head(2.0, {}), {"rows": 1000})


def file(eager: float = 1.0) -> bytes:
    return dump(model(eager))


def tampered(eager: float = 1.0) -> bytes:
    """Return the file of another model under the version of this one."""
    whole, other = model(eager), model(eager + 1)
    return dump(Model(whole.version, other.accept, other.complete, whole.manifest))
