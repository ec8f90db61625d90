import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { RoleButton } from "@/shared/RoleButton";

/** Starts an evaluation; what becomes of it is shown by EvaluationState. */
export function useEvaluateNow() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.POST("/api/quality/evaluate", {})),
    onSettled: () => queries.invalidateQueries({ queryKey: ["jobs"] }),
  });
}

export function EvaluateButton({ start }: { start: ReturnType<typeof useEvaluateNow> }) {
  const { t } = useTranslation("quality");
  return (
    <RoleButton needs="operator" onClick={() => start.mutate()} loading={start.isPending}>
      {t("evaluate.now")}
    </RoleButton>
  );
}
