// A labelled input with its hint, and with what the edge finds wrong with it.
import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useId } from "preact/hooks";

import { sentence } from "../words.js";

interface FieldProps {
  label: string;
  name: string;
  value: string;
  set: (value: string) => void;
  hint?: string;
  wrong?: string | undefined;
  input?: InputHTMLAttributes;
  children?: ComponentChildren; // beside the input
}

export function Field({ label, name, value, set, hint, wrong, input, children }: FieldProps) {
  const id = useId();
  const described = [hint && id + "-hint", wrong && id + "-wrong"].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="control">
        <input id={id} name={name} value={value} aria-invalid={Boolean(wrong)} {...(described && { "aria-describedby": described })}
          onInput={(event) => set(event.currentTarget.value)} {...input} />
        {children}
      </div>
      {hint && <p id={id + "-hint"} class="hint">{hint}</p>}
      {wrong && <p id={id + "-wrong"} class="problem">{sentence(wrong)}</p>}
    </div>
  );
}
