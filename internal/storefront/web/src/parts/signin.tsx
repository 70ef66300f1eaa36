// Who the visitor is: a dialog in which they choose.
import { useEffect, useRef, useState } from "preact/hooks";

import { loadCart } from "../cart.js";
import { asFailure } from "../failure.js";
import { type Caller, callers, session, signIn, signOut } from "../session.js";
import { Store } from "../store.js";
import { capital } from "../words.js";
import { Icon } from "./icon.js";
import { say } from "./toast.js";

const asked = new Store<{ why: string } | undefined>(undefined);

// askToSignIn opens the dialog, and says why if there is a reason.
export function askToSignIn(why = ""): void {
  asked.set({ why });
}

const sees: Record<string, string> = {
  customer: "Her own cart, orders and profile.",
  partner: "Wholesale prices beside the usual ones.",
  admin: "Everybody's orders, and fields that never leave the house.",
};

export function SignIn() {
  const open = asked.use();
  const current = session.use().caller;
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
    setProblem("");
  }, [open]);

  const choose = async (caller?: Caller) => {
    try {
      if (caller) await signIn(caller);
      else signOut();
    } catch (thrown) {
      return setProblem(asFailure(thrown).message);
    }
    asked.set(undefined);
    say(caller ? `You are now ${caller.says}.` : "You are signed out.");
    return loadCart();
  };
  return (
    <dialog ref={dialog} class="signin" aria-labelledby="signin-title" onClose={() => asked.set(undefined)}
      onClick={(event) => event.target === dialog.current && asked.set(undefined)}>
      <div class="sheet">
        <header>
          <h2 id="signin-title">Who would you like to be?</h2>
          <button type="button" class="plain" aria-label="Close" onClick={() => asked.set(undefined)}>
            <Icon name="close" />
          </button>
        </header>
        <p class="faint">{open?.why || "This is a demonstration: nobody has a password, and each sees a different shop."}</p>
        {problem && <p class="problem" role="alert">{problem}</p>}
        <ul class="callers">
          {callers.map((caller) => (
            <li key={caller.name}>
              <Choice title={capital(caller.name)} text={`${capital(caller.says)}. ${sees[caller.name] ?? ""}`}
                chosen={caller === current} choose={() => choose(caller)} />
            </li>
          ))}
          <li>
            <Choice title="Nobody" text="Signed out: the shelves, and nothing that belongs to anybody." chosen={!current}
              choose={() => choose()} />
          </li>
        </ul>
      </div>
    </dialog>
  );
}

interface Offered {
  title: string;
  text: string;
  chosen: boolean;
  choose: () => void;
}

function Choice({ title, text, chosen, choose }: Offered) {
  return (
    <button type="button" class="choice" autofocus={chosen} aria-pressed={chosen} onClick={choose}>
      <span class="initial" aria-hidden="true">
        {title.charAt(0)}
      </span>
      <span>
        <strong>{title}</strong>
        <span class="faint">{text}</span>
      </span>
      {chosen && <Icon name="check" />}
    </button>
  );
}
