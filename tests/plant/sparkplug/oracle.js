// The Tahu JavaScript codec behind a pipe: one JSON request a line in, one JSON answer a line out.
// {"decode": hex} answers the payload; {"encode": payload} answers hex. 64-bit numbers travel as {"long": "..."} .
"use strict";
const Long = require("long");
const codec = require("sparkplug-payload").get("spBv1.0");

function outward(key, value) {
  if (value !== null && typeof value === "object" && Long.isLong(value)) return { long: value.toString() };
  if (value !== null && typeof value === "object" && value.type === "Buffer") return { hex: Buffer.from(value.data).toString("hex") };
  return value;
}

function inward(key, value) {
  if (value !== null && typeof value === "object" && "long" in value) {
    return Long.fromString(value.long, !value.long.startsWith("-"));
  }
  if (value !== null && typeof value === "object" && "hex" in value) return Buffer.from(value.hex, "hex");
  return value;
}

require("readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => {
    const request = JSON.parse(line, inward);
    const answer =
      request.decode !== undefined
        ? codec.decodePayload(Buffer.from(request.decode, "hex"))
        : Buffer.from(codec.encodePayload(request.encode)).toString("hex");
    process.stdout.write(JSON.stringify(answer, outward) + "\n");
  });
