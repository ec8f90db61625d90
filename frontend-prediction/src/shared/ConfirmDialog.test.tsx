import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { ConfirmDialog } from "./ConfirmDialog";

afterEach(cleanup);

test("nothing happens before the name has been typed", () => {
  const onConfirm = vi.fn();
  render(
    <MantineProvider env="test">
      <ConfirmDialog title="A" typed="version_1" action="go" onConfirm={onConfirm} onClose={() => {}}>
        B
      </ConfirmDialog>
    </MantineProvider>,
  );
  const button = screen.getByRole<HTMLButtonElement>("button", { name: "go" });
  const field = screen.getByRole("textbox");

  fireEvent.change(field, { target: { value: "version_" } });
  expect(button.disabled).toBe(true);
  fireEvent.change(field, { target: { value: " version_1" } });
  fireEvent.click(button);
  expect(onConfirm).toHaveBeenCalledOnce();
});
