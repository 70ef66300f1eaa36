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
  const about = wrong ? sentence(wrong) : hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="control">
        <input id={id} name={name} value={value} aria-invalid={Boolean(wrong)} {...(about && { "aria-describedby": id + "-about" })}
          onInput={(event) => set(event.currentTarget.value)} {...input} />
        {children}
      </div>
      {about && <p id={id + "-about"} class={wrong ? "problem" : "hint"}>{about}</p>}
    </div>
  );
}
