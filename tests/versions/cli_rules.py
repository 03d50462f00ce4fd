"""What datacontract-cli reads of a contract, as JSON: run by the Python that has it.

It imports nothing of this repository.
"""

import json
import sys
from importlib.metadata import version

from datacontract.data_contract import DataContract

contract = DataContract(data_contract_file=sys.argv[1])
linted = json.loads(contract.lint().model_dump_json())
rules = [
    {
        "schema": schema.name,
        "type": rule.type,
        "engine": rule.engine,
        "implementation": rule.implementation,
    }
    for schema in contract.get_data_contract().schema_ or []
    for rule in schema.quality or []
]
print(
    json.dumps(
        {
            "version": version("datacontract-cli"),
            "model": version("open-data-contract-standard"),
            "lint": [[check["name"], check["result"]] for check in linted["checks"]],
            "rules": rules,
        }
    )
)
