import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/problem";
import { CopyText } from "@/shared/CopyText";
import { describeProblem } from "@/shared/describe_problem";
import { Icon } from "@/shared/icons";
import classes from "./states.module.css";

/** What went wrong, what to do, trying again, and the id under which the server's log has the rest. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation("shared");
  const { t: words } = useTranslation("problems");
  const { cause, remedy, serverWords } = describeProblem(error, words);
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <Alert className={classes.error} icon={<Icon name="alert" />} title={cause} role="alert">
      <Stack gap="xs">
        <Text>{remedy}</Text>
        {serverWords && (
          <Text c="dimmed" fz="sm">
            {t("serverSays")}:{" "}
            <span lang="en" className={classes.serverWords}>
              {serverWords}
            </span>
          </Text>
        )}
        <Group gap="sm">
          {retry && (
            <Button size="compact-sm" variant="default" onClick={retry}>
              {t("retry")}
            </Button>
          )}
          {requestId && <CopyText text={requestId} label={t("copyRequestId")} prefix={t("requestId")} />}
        </Group>
      </Stack>
    </Alert>
  );
}
