import { Autocomplete, Button, Group, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/shared/states/ErrorState";
import { itemAttributesQuery, searchQuery } from "../queries";
import type { Attributes } from "./draft";

interface Props {
  copied: string | null;
  onCopy: (item: { item_code: string; attributes: Attributes }) => void;
}

const TYPING_MS = 250;
const LONGEST_SEARCH = 100;

/** Fills the form with an existing item's attributes. */
export function CopyItem({ copied, onCopy }: Props) {
  const { t } = useTranslation("predict");
  const queries = useQueryClient();
  const [code, setCode] = useState(copied ?? "");
  const [search] = useDebouncedValue(code.trim(), TYPING_MS);
  const found = useQuery({ ...searchQuery(search), enabled: search !== "" && search !== copied });
  const codes = [...new Set((found.data?.items ?? []).map((item) => String(item.item_code)))];
  const copy = useMutation({
    mutationFn: (wanted: string) => queries.fetchQuery(itemAttributesQuery(wanted)),
    onSuccess: (item) => onCopy({ item_code: item.item_code, attributes: item.attributes }),
  });
  return (
    <div>
      <Group align="flex-end" gap="sm">
        <Autocomplete
          label={t("newItem.copyFrom")}
          value={code}
          onChange={setCode}
          data={codes}
          filter={({ options }) => options}
          maxLength={LONGEST_SEARCH}
          maxDropdownHeight={240}
        />
        <Button
          variant="default"
          disabled={code.trim() === ""}
          loading={copy.isPending}
          onClick={() => copy.mutate(code.trim())}
        >
          {t("newItem.copy")}
        </Button>
      </Group>
      {copied !== null && <Text fz="sm">{t("newItem.copied", { item: copied })}</Text>}
      {copy.error && <ErrorState error={copy.error} />}
      {found.error && <ErrorState error={found.error} retry={() => void found.refetch()} />}
    </div>
  );
}
