import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, test } from "vitest";
import { attributesQuery } from "./queries";
import { useAttributeName } from "./words";

afterEach(cleanup);

test("attributes have the profile's labels, else the ERP's names; the item code is called as the family it tells", () => {
  const client = new QueryClient();
  const attributes = [
    { name: "SHAPE", label: { ko: "모양", en: "Shape" } },
    { name: "SIZE", label: null },
  ];
  client.setQueryData(attributesQuery.queryKey, { attributes } as never);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(useAttributeName, { wrapper });
  expect(["SHAPE", "SIZE", "item_code"].map(result.current)).toEqual(["모양", "SIZE", "품목코드(품목군)"]);
});
