// Bundles the page's npm libraries into vendor/: one ES module for the graph, the files of the API page, one font.
// In: node_modules as package-lock.json pins them. Out: vendor/ (emptied first). It reaches no network.
import { build } from "esbuild";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";

const out = new URL("./vendor/", import.meta.url);
const modules = new URL("./node_modules/", import.meta.url);

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });

await build({
  stdin: {
    contents: `
      import cytoscape from "cytoscape";
      import fcose from "cytoscape-fcose";
      cytoscape.use(fcose);
      export { cytoscape };
    `,
    resolveDir: new URL(".", import.meta.url).pathname,
  },
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "linked",
  outfile: new URL("graph.js", out).pathname,
});

const copies = {
  "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui-bundle.js",
  "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
  "dejavu-fonts-ttf/ttf/DejaVuSans.ttf": "DejaVuSans.ttf",
};
for (const [from, to] of Object.entries(copies)) {
  await copyFile(new URL(from, modules), new URL(to, out));
}

// The licences travel with what they cover.
const packages = ["cytoscape", "cytoscape-fcose", "swagger-ui-dist", "dejavu-fonts-ttf"];
const notices = [];
for (const name of packages) {
  const { version, license } = JSON.parse(await readFile(new URL(`${name}/package.json`, modules), "utf8"));
  const text = await readFile(new URL(`${name}/LICENSE`, modules), "utf8").catch(() => "");
  notices.push(`${name} ${version} (${license})\n\n${text}`);
}
await writeFile(new URL("NOTICES.txt", out), notices.join("\n----\n\n"));
