// Bundles each view into one ES module: widgets/src/NAME.js → workbench/notebook/views/static/NAME.js
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const out = fileURLToPath(new URL("../workbench/notebook/views/static/", import.meta.url));
/** Largest size of a bundle in bytes: every instance sends and saves this text. */
const budgets = { train: 80_000, curves: 40_000, graph: 40_000, timeline: 40_000 };

for (const [name, budget] of Object.entries(budgets)) {
  const outfile = `${out}${name}.js`;
  await build({
    entryPoints: [fileURLToPath(new URL(`src/${name}.js`, import.meta.url))],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    plugins: [squeezeStyles()],
  });
  const { size } = statSync(outfile);
  console.log(`${name.padEnd(9)} ${(size / 1000).toFixed(1)} kB of ${budget / 1000}`);
  if (size > budget) {
    console.error(`${name}.js is over its budget of ${budget} bytes`);
    process.exitCode = 1;
  }
}

/** Style sheets are imported as text, with their white space squeezed. */
function squeezeStyles() {
  return {
    name: "styles",
    /** @param {import("esbuild").PluginBuild} builder */
    setup(builder) {
      builder.onLoad({ filter: /\.css$/ }, (args) => ({
        contents: readFileSync(args.path, "utf8")
          .replace(/\/\*[\s\S]*?\*\//g, "")
          .replace(/\s+/g, " ")
          .replace(/ ?([{};:,>]) ?/g, "$1"),
        loader: "text",
      }));
    },
  };
}
