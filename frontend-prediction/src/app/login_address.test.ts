import { expect, test } from "vitest";
import { loginAddress, returnAddress } from "./login_address";

test.each(["/predict?items=00123&qty=5", "/training/job_1", "/logs?text=a%26b#x", "/"])(
  "a login comes back to %s",
  (address) => {
    const asked = new URL(loginAddress(address), "http://plant");
    expect(returnAddress(asked.searchParams.get("from") ?? undefined)).toBe(address);
  },
);

test.each([
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "javascript:alert(1)",
  "",
  "/login",
  undefined,
])("a login never leads to %s", (address) => expect(returnAddress(address)).toBe("/"));
