import { Button, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/problem";
import { Conflict } from "./Conflict";
import { type View, valueAt, valuesOf } from "./fields";
import { configQuery, useSave } from "./queries";
import { Review } from "./Review";
import classes from "./settings.module.css";
import type { Editor } from "./use_editor";

const STALE = "stale-settings";
const REFUSED = "refused-settings";
const PLACE = "changes.";

/** The bar that says how much is changed, and the way from there into the file. */
export function Saving({ editor }: { editor: Editor }) {
  const { t } = useTranslation("settings");
  const queries = useQueryClient();
  const save = useSave();
  const [reviewing, setReviewing] = useState(false);
  const [theirs, setTheirs] = useState<View | null>(null);
  const { changed, form, base } = editor;
  const flawed = changed.filter((field) => form.errors[field.path]);

  const review = () => {
    save.reset();
    if (flawed[0]) form.getInputNode(flawed[0].path)?.focus();
    else setReviewing(true);
  };
  const onSave = (reason: string) => {
    const changes = Object.fromEntries(changed.map((field) => [field.path, valueAt(form.values, field)]));
    save.mutate(
      { etag: base.etag, changes, reason },
      {
        onSuccess: (view) => {
          editor.rebase(view, valuesOf(view));
          setReviewing(false);
          notifications.show({ message: t("review.saved") });
        },
        onError: (error) => void onRefused(error),
      },
    );
  };
  const onRefused = async (error: unknown) => {
    if (!(error instanceof ApiError)) return;
    if (error.kind === STALE) {
      setTheirs(await queries.fetchQuery({ ...configQuery, staleTime: 0 }));
      setReviewing(false);
    } else if (error.kind === REFUSED) {
      editor.showRefusals(refusalsOf(error));
      setReviewing(false);
    }
  };

  return (
    <>
      {changed.length > 0 && (
        <section className={classes.bar} aria-label={t("bar.label")}>
          <div role="status">
            <Text fw={600}>{t("bar.count", { count: changed.length })}</Text>
            {flawed.length > 0 && <Text className={classes.flaws}>{t("bar.flaws", { count: flawed.length })}</Text>}
            {!editor.isKept && <Text className={classes.flaws}>{t("bar.notKept")}</Text>}
          </div>
          <div className={classes.buttons}>
            <Button variant="default" onClick={editor.discard}>
              {t("bar.discard")}
            </Button>
            <Button onClick={review}>{t("bar.review")}</Button>
          </div>
        </section>
      )}
      {reviewing && (
        <Review
          editor={editor}
          busy={save.isPending}
          error={save.error}
          onSave={onSave}
          onClose={() => setReviewing(false)}
        />
      )}
      {theirs && <Conflict editor={editor} theirs={theirs} onClose={() => setTheirs(null)} />}
    </>
  );
}

/** Why each setting was refused, in the server's own words. */
function refusalsOf(error: ApiError) {
  return Object.fromEntries(
    error.errors.map(({ location, problem }) => [
      location.replace(PLACE, ""),
      <span key={location} lang="en">
        {problem}
      </span>,
    ]),
  );
}
