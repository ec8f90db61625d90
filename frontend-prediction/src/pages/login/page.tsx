import { Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { rememberToken } from "@/api/csrf";
import { ApiError } from "@/api/problem";
import { type Me, meQuery } from "@/api/who";
import { LanguageSwitch } from "@/app/LanguageSwitch";
import { returnAddress } from "@/app/login_address";
import { ThemeSwitch } from "@/app/ThemeSwitch";
import { ErrorState } from "@/shared/states/ErrorState";
import classes from "./login.module.css";

/** Who one is; afterwards the page that one came from. */
export default function LoginPage() {
  const { t } = useTranslation(["access", "frame"]);
  const title = t("login.title");
  useEffect(() => {
    document.title = `${title} · ${t("product", { ns: "frame" })}`;
  }, [title, t]);
  return (
    <main className={classes.page}>
      <Stack className={classes.card}>
        <Group justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <img src="/icon.svg" alt="" width={26} height={26} />
            <Title order={1} fz="lg">
              {title}
            </Title>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <LanguageSwitch />
            <ThemeSwitch />
          </Group>
        </Group>
        <Entrance />
      </Stack>
    </main>
  );
}

function Entrance() {
  const { from } = useSearch({ strict: false }) as { from?: string };
  const router = useRouter();
  const queries = useQueryClient();
  const known = useQuery(meQuery);
  const goOn = (me: Me) => {
    queries.clear(); // what somebody else was shown, or refused
    rememberToken(me.csrf_token);
    queries.setQueryData(meQuery.queryKey, me);
    router.history.replace(returnAddress(from));
  };
  const needsNoLogin = known.data && (known.data.how === "session" || !known.data.credentials_exist);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as soon as it is known
  useEffect(() => {
    if (known.data && needsNoLogin) goOn(known.data);
  }, [needsNoLogin]);
  if (known.error instanceof ApiError && known.error.kind === "protected-mode") {
    return <ErrorState error={known.error} retry={() => void known.refetch()} />;
  }
  return (
    <>
      <LoginForm onKnown={goOn} />
      {known.data && !needsNoLogin && <GoOnAsLocal me={known.data} onGo={goOn} />}
    </>
  );
}

function LoginForm({ onKnown }: { onKnown: (me: Me) => void }) {
  const { t } = useTranslation("access");
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: () => answer(api.POST("/api/auth/login", { body: { user, password } })),
    onSuccess: onKnown,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        login.mutate();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t("login.user")}
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={60}
          autoFocus
        />
        <TextInput
          type="password"
          label={t("login.password")}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          maxLength={200}
        />
        {login.error && <ErrorState error={login.error} />}
        <Button type="submit" disabled={!user.trim() || !password} loading={login.isPending}>
          {t("login.action")}
        </Button>
      </Stack>
    </form>
  );
}

/** On the server's own machine one may stay without a name. */
function GoOnAsLocal({ me, onGo }: { me: Me; onGo: (me: Me) => void }) {
  const { t } = useTranslation("access");
  return (
    <Stack gap="xs">
      <Text c="dimmed" fz="sm">
        {t("how.local")}
      </Text>
      <Button variant="default" onClick={() => onGo(me)}>
        {t("login.local", { role: t(`roles.${me.role}`) })}
      </Button>
    </Stack>
  );
}
