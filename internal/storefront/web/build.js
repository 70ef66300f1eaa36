// Writes ../assets: the script, the style, the fonts, and the licences of what is not ours in them.
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";

import { build } from "esbuild";

const assets = "../assets";
const fonts = {
  "fraunces.woff2": "@fontsource-variable/fraunces/files/fraunces-latin-wght-normal.woff2",
  "instrument-sans.woff2": "@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2",
};
const bundled = ["preact", "openapi-fetch", "@fontsource-variable/fraunces", "@fontsource-variable/instrument-sans"];

await rm(assets, { recursive: true, force: true });
await mkdir(assets);
await build({
  entryPoints: ["src/app.tsx", "src/style/app.css"],
  entryNames: "[name]",
  outdir: assets,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  external: ["*.woff2"],
  legalComments: "none", // they are in licences.txt
  logLevel: "warning",
});
for (const [name, from] of Object.entries(fonts)) await copyFile(`node_modules/${from}`, `${assets}/${name}`);
await copyFile("icon.svg", `${assets}/icon.svg`);
const licences = await Promise.all(bundled.map((name) => readFile(`node_modules/${name}/LICENSE`, "utf8")));
await writeFile(`${assets}/licences.txt`, bundled.map((name, i) => `${name}\n\n${licences[i].trim()}\n`).join("\n\n"));
