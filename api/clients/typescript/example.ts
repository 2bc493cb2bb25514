// Records a town, finds it again, and checks its receipt without trusting the server.
// FUNDTRAIL_URL, FUNDTRAIL_LEDGER and FUNDTRAIL_TOKEN say where and as whom (a registrar).
import { createHash, createPublicKey, verify } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const { FUNDTRAIL_URL: baseUrl, FUNDTRAIL_LEDGER: ledger = "", FUNDTRAIL_TOKEN: token } = process.env;
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

function must<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) {
    const problem = answer.error as components["schemas"]["Problem"];
    throw new Error(`${problem.type}: ${problem.detail_zh} ${problem.detail}`);
  }
  return answer.data;
}

// Entry, path, signed checkpoint: RFC 9162 with SHA-256 and Ed25519.
function holds(receipt: components["schemas"]["ProvenReceipt"]): boolean {
  const sha256 = (...parts: Buffer[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
  let hash = sha256(Buffer.of(0), Buffer.from(receipt.entry));
  let [index, last] = [receipt.index, receipt.size - 1];
  for (const hex of receipt.path) {
    const sibling = Buffer.from(hex, "hex");
    if (index % 2 === 1 || index === last) {
      hash = sha256(Buffer.of(1), sibling, hash);
      while (index % 2 === 0 && index > 0) [index, last] = [index / 2, Math.floor(last / 2)];
    } else {
      hash = sha256(Buffer.of(1), hash, sibling);
    }
    [index, last] = [Math.floor(index / 2), Math.floor(last / 2)];
  }
  const [body = "", signatures = ""] = receipt.checkpoint.split("\n\n");
  const [, size, root] = body.split("\n");
  if (last !== 0 || Number(size) !== receipt.size || root !== hash.toString("base64")) return false;
  const encoded = receipt.verifier_key.split("+").slice(2).join("+");
  const key = createPublicKey({
    key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(encoded, "base64").subarray(1)]),
    format: "der", type: "spki",
  });
  const signature = Buffer.from(signatures.trimEnd().split(" ")[2] ?? "", "base64").subarray(4);
  return verify(null, Buffer.from(body + "\n"), key, signature);
}

const made = must(await client.POST("/v1/ledgers/{ledger}/entries", {
  params: { path: { ledger }, header: { "Idempotency-Key": "typescript-1" } },
  body: { kind: "region_registration", date: "2008-04-01", doc: { name: "横林镇", region: "320412110" } },
}));
if (!("index" in made)) throw new Error("a single command has a single receipt");

const page = must(await client.GET("/v1/ledgers/{ledger}/entries", {
  params: { path: { ledger }, query: { kind: "region_registration", region: "320412110", limit: 10 } },
}));
const receipt = must(await client.GET("/v1/ledgers/{ledger}/receipts/{index}", {
  params: { path: { ledger, index: made.index } },
}));
console.log(JSON.stringify({
  index: made.index, found: page.entries.map((e) => e.index), holds: holds(receipt),
  forged: holds({ ...receipt, entry: receipt.entry.replace("横林镇", "横山桥镇") }),
}));
