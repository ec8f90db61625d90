import { Checkbox, Group, NativeSelect, NumberInput, Switch, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { choicesOf, type Field } from "./fields";
import classes from "./settings.module.css";
import type { Editor } from "./use_editor";
import { useSettingWords } from "./words";

interface Props {
  field: Field;
  form: Editor["form"];
  description: ReactNode;
}

/** The input that fits what the schema says of a setting. */
export function SettingInput({ field, form, description }: Props) {
  const words = useSettingWords();
  const { schema, path } = field;
  const input = form.getInputProps(path, { type: schema.type === "boolean" ? "checkbox" : "input" });
  const label = words.label(field);
  const shared = { label, description };
  const choices = choicesOf(schema);
  const unit = schema.unit === "cron" ? "" : words.unit(schema);
  if (schema.type === "boolean") return <Switch {...shared} {...input} />;
  if (schema.type === "array") {
    const ordered = (chosen: string[]) => input.onChange((choices ?? []).filter((choice) => chosen.includes(choice)));
    return (
      <Checkbox.Group {...shared} {...input} onChange={ordered}>
        <Group gap="md" mt={4}>
          {choices?.map((choice) => (
            <Checkbox key={choice} value={choice} label={words.choice(choice)} />
          ))}
        </Group>
      </Checkbox.Group>
    );
  }
  if (choices) {
    const data = choices.map((value) => ({ value, label: words.choice(value) }));
    return <NativeSelect {...shared} {...input} data={data} />;
  }
  if (schema.type === "string") {
    return (
      <TextInput {...shared} {...input} spellCheck={false} autoComplete="off" classNames={{ input: classes.code }} />
    );
  }
  return (
    <NumberInput
      {...shared}
      {...input}
      allowDecimal={schema.type === "number"}
      clampBehavior="none"
      hideControls
      rightSection={unit && <span className={classes.unit}>{unit}</span>}
      rightSectionWidth={unit.length * 11 + 16}
      rightSectionPointerEvents="none"
    />
  );
}
