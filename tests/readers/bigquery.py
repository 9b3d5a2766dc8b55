"""Parses BigQuery definitions by Google's own client: `python bigquery.py FILE…` prints what it understood, as JSON.

A file that ends in `.schema.json` is a schema, one in `.external.json` the definition of an external table.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from google.cloud.bigquery import ExternalConfig, SchemaField

understood = {}
for name in sys.argv[1:]:
    given = json.loads(Path(name).read_text(encoding="utf-8"))
    if name.endswith(".schema.json"):
        understood[name] = [SchemaField.from_api_repr(field).to_api_repr() for field in given]
    else:
        table = ExternalConfig.from_api_repr(given)
        understood[name] = {
            "sourceFormat": table.source_format,
            "sourceUris": table.source_uris,
            "hivePartitioningOptions": {
                "mode": table.hive_partitioning.mode,
                "sourceUriPrefix": table.hive_partitioning.source_uri_prefix,
            },
            "parquetOptions": {"enableListInference": table.parquet_options.enable_list_inference},
            "schema": {"fields": [field.to_api_repr() for field in table.schema]},
        }
print(json.dumps(understood))
