"""Records a town and lists the newest entries. FUNDTRAIL_URL, FUNDTRAIL_LEDGER, FUNDTRAIL_TOKEN."""
import json
import os
import urllib.error
import urllib.request


def call(method, path, body=None, **headers):
    base = f"{os.environ['FUNDTRAIL_URL']}/v1/ledgers/{os.environ['FUNDTRAIL_LEDGER']}"
    headers |= {"Authorization": f"Bearer {os.environ['FUNDTRAIL_TOKEN']}", "Content-Type": "application/json"}
    request = urllib.request.Request(base + path, body and json.dumps(body).encode(), headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        raise SystemExit(json.load(refused)["detail_zh"])


town = {"kind": "region_registration", "date": "2008-04-01", "doc": {"name": "横山桥镇", "region": "320412111"}}
print(call("POST", "/entries", town, **{"Idempotency-Key": "python-1"})["index"])
for item in call("GET", "/entries?kind=region_registration&limit=500")["entries"]:
    print(item["index"], item["entry"]["doc"]["region"], item["entry"]["doc"]["name"])
