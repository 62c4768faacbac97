// Bundles the page's npm libraries into vendor/: one ES module for the graph, the files of the API page, one font.
// In: node_modules as package-lock.json pins them. Out: vendor/ (emptied first). It reaches no network.
import { build } from "esbuild";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";

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

// The map: projections, the countries' shapes, and which number of the shapes is which alpha-3 code of the ledger.
await build({
  stdin: {
    contents: `
      import codes from "i18n-iso-countries/codes.json";
      import world from "world-atlas/countries-110m.json";
      import { feature, mesh } from "topojson-client";
      export { geoCircle, geoGraticule10, geoNaturalEarth1, geoPath } from "d3-geo";
      export const countries = feature(world, world.objects.countries).features;
      export const borders = mesh(world, world.objects.countries, (a, b) => a !== b);
      export const numbers = new Map(codes.map(([, alpha3, number]) => [alpha3, number]));
    `,
    resolveDir: new URL(".", import.meta.url).pathname,
  },
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "linked",
  outfile: new URL("map.js", out).pathname,
});

// The SPARQL editor, as its own package bundles it: its code, and its style in a file (`copies`).
await build({
  stdin: {
    contents: `export { default as Yasgui } from "@zazuko/yasgui";`,
    resolveDir: new URL(".", import.meta.url).pathname,
  },
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "linked",
  outfile: new URL("yasgui.js", out).pathname,
});

const copies = {
  "@zazuko/yasgui/build/yasgui.min.css": "yasgui.css",
  "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui-bundle.js",
  "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
  "dejavu-fonts-ttf/ttf/DejaVuSans.ttf": "DejaVuSans.ttf",
};
for (const [from, to] of Object.entries(copies)) {
  await copyFile(new URL(from, modules), new URL(to, out));
}

// What the type checker knows of the bundles: their names. It must not read them.
const names = { "graph.d.ts": ["cytoscape"], "yasgui.d.ts": ["Yasgui"], "map.d.ts": ["borders", "countries", "geoCircle", "geoGraticule10", "geoNaturalEarth1", "geoPath", "numbers"] };
for (const [file, exported] of Object.entries(names)) {
  await writeFile(new URL(file, out), exported.map((name) => `export const ${name}: any;\n`).join(""));
}

// The licences travel with what they cover.
const packages = ["cytoscape", "cytoscape-fcose", "d3-geo", "d3-array", "internmap", "topojson-client", "world-atlas", "i18n-iso-countries", "swagger-ui-dist", "dejavu-fonts-ttf"];
// The editor's package has others bundled into it.
for (const waiting = ["@zazuko/yasgui"]; waiting.length; ) {
  const name = waiting.pop();
  if (packages.includes(name)) continue;
  packages.push(name);
  const { dependencies } = JSON.parse(await readFile(new URL(`${name}/package.json`, modules), "utf8"));
  waiting.push(...Object.keys(dependencies ?? {}).filter((one) => !one.startsWith("@types/")));
}
const notices = [];
for (const name of packages) {
  const home = new URL(`${name}/`, modules);
  const { version, license, licenses } = JSON.parse(await readFile(new URL("package.json", home), "utf8"));
  const files = (await readdir(home)).filter((file) => /^licen[cs]e(\.\w+)?$/i.test(file));
  const text = (await Promise.all(files.map((file) => readFile(new URL(file, home), "utf8")))).join("\n");
  notices.push(`${name} ${version} (${license ?? licenses?.map((one) => one.type).join(", ") ?? "as follows"})\n\n${text}`);
}
await writeFile(new URL("NOTICES.txt", out), notices.join("\n----\n\n"));
