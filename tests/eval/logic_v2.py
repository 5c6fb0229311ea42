"""Score pairs of company names with nomenklatura; run by an interpreter that has it, reads and writes JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

from followthemoney import model
from nomenklatura.matching import get_algorithm


def main() -> None:
    algorithm = get_algorithm("logic-v2")
    config = algorithm.default_config()
    scores = [
        algorithm.compare(
            company(f"watched{at}", pair["names"], pair["country"]),
            company(f"found{at}", [pair["found"]], pair["found_country"]),
            config,
        ).score
        for at, pair in enumerate(json.load(sys.stdin))  # it remembers names by id, so each needs its own
    ]
    json.dump(scores, sys.stdout)


def company(key: str, names: list[str], country: str | None) -> Any:
    entity = model.make_entity("Company")
    entity.id = key
    entity.add("name", names[0])
    entity.add("alias", names[1:])
    entity.add("jurisdiction", country)
    return entity


if __name__ == "__main__":
    main()
