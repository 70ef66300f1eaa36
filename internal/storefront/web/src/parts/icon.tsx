// Drawings of one colour, the text's. They say nothing that the words beside them do not say.
const paths = {
  bag: "M5 8h14l-1 12H6zM9 10V7a3 3 0 0 1 6 0v3",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c1-3.6 4-5 7.5-5s6.5 1.4 7.5 5",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5",
  forward: "M5 12h14M13 6l6 6-6 6",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  minus: "M6 12h12",
  plus: "M12 6v12M6 12h12",
  bin: "M5 7h14M10 7V5h4v2M7 7l1 13h8l1-13",
  lock: "M7 11h10v9H7zM9 11V8a3 3 0 0 1 6 0v3",
  clock: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 8v4l3 2",
  cloud: "M7 18a4 4 0 0 1-.5-8A5.5 5.5 0 0 1 17 9.5a4.2 4.2 0 0 1 0 8.5zM4 20L20 4",
  nothing: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM9 14.5h6",
  receipt: "M6 4h12v16l-3-2-3 2-3-2-3 2zM9 9h6M9 13h6",
  card: "M3.5 6.5h17v11h-17zM3.5 10h17",
  box: "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
  van: "M3 7h11v9H3zM14 10h4l3 3v3h-7M7 18.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM17 18.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z",
  house: "M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-6h4v6",
  send: "M4 12l16-7-5 15-4-6zM11 14l9-9",
};

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
