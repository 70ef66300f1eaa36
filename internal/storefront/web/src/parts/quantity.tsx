import { Field } from "./field.js";
import { Icon } from "./icon.js";

interface QuantityProps {
  value: string;
  set: (value: string) => void;
  wrong?: string | undefined;
  label?: string;
}

// Quantity is a number to type, or to step through.
export function Quantity({ value, set, wrong, label = "Quantity" }: QuantityProps) {
  const step = (by: number) => set(String(Math.max(1, (Number(value) || 0) + by)));
  return (
    <div class="quantity">
      <Field label={label} name="quantity" value={value} set={set} wrong={wrong} input={{ inputMode: "numeric", autocomplete: "off" }}>
        <button type="button" class="plain less" aria-label="One less" onClick={() => step(-1)}>
          <Icon name="minus" />
        </button>
        <button type="button" class="plain" aria-label="One more" onClick={() => step(1)}>
          <Icon name="plus" />
        </button>
      </Field>
    </div>
  );
}
