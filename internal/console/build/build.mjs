// Bundles the console's pages into ../assets: one script and one stylesheet a page, the workers
// that they start, and the licences of what they hold. Scripts, styles and fonts are gzipped.
// The output is a function of the lockfile and the sources beside this file.
import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { licences } from "./licences.mjs";
import { selfHosted } from "./redoc.mjs";

const assets = "../assets";
const served = "/assets/console/"; // AssetsPath in console.go

const { outputFiles, metafile } = await build({
  entryPoints: {
    playground: "src/playground.js",
    docs: "src/docs.js",
    redoc: "src/redoc.js",
    "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
    "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
    "redoc.worker": "redoc-search-worker",
  },
  plugins: [selfHosted(served + "redoc.worker.js")],
  outdir: assets,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none", // LICENSES.txt has them, whole
  loader: { ".ttf": "file" },
  assetNames: "[name]",
  alias: {
    // GraphiQL names the plugins' CommonJS form, whose exports a bundler cannot see.
    "prettier/parser-babel": "prettier/plugins/babel",
    "prettier/parser-graphql": "prettier/plugins/graphql",
  },
  define: { "process.env.NODE_ENV": '"production"' },
  metafile: true,
  write: false,
});

const unlinked = /(?<!\/(playground|docs|redoc))\.css$/; // lazy chunks' styles: playground.css has them
const files = new Map([
  ["LICENSES.txt", Buffer.from(await licences(Object.keys(metafile.inputs)))],
  ["favicon.svg", await readFile("src/favicon.svg")],
]);
for (const { path, contents } of outputFiles) {
  if (!unlinked.test(path)) files.set(basename(path) + ".gz", contents);
}

// put writes a file, unless it is there already: zlib's versions pack the same text differently.
async function put(name, contents) {
  const path = join(assets, name);
  const packed = name.endsWith(".gz");
  const old = await readFile(path).catch(() => Buffer.of());
  if (packed && old.length > 0 && gunzipSync(old).equals(contents)) return;
  await writeFile(path, packed ? gzipSync(contents, { level: 9 }) : contents);
}

await mkdir(assets, { recursive: true });
for (const name of await readdir(assets)) {
  if (!files.has(name)) await rm(join(assets, name));
}
for (const [name, contents] of files) await put(name, contents);
