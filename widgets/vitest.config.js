import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { environment: "happy-dom" },
  plugins: [
    {
      name: "styles-as-text",
      enforce: "pre",
      load: (id) =>
        id.endsWith(".css") ? `export default ${JSON.stringify(readFileSync(id, "utf8"))}` : null,
    },
  ],
});
