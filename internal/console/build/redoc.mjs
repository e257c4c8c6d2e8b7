// Redoc's bundle fetches a logo from its makers and starts its search worker from a blob. This
// esbuild plugin drops the logo and makes the worker a file of its own, the entry point
// "redoc-search-worker". Each edit must match exactly once, so that a new version of Redoc
// stops the build instead of slipping through.
import { readFile } from "node:fs/promises";
import { runInNewContext } from "node:vm";

const logo = /\w+\.createElement\("img",\{alt:"redocly logo",[^}]*\}\)/g;
const worker = /new Worker\(URL\.createObjectURL\(new Blob\(\[('(?:[^'\\]|\\.)*')\]\)\),\{name:"[^"]*"\}\)/g;

function only(text, pattern) {
  const found = [...text.matchAll(pattern)];
  if (found.length !== 1) throw new Error(`redoc: ${found.length} matches of ${pattern}, want 1`);
  return found[0];
}

// selfHosted is the plugin; workerURL is where the worker's file will be served.
export function selfHosted(workerURL) {
  return {
    name: "redoc-self-hosted",
    setup({ resolve, onResolve, onLoad }) {
      onResolve({ filter: /^redoc-search-worker$/ }, async ({ resolveDir }) => {
        const bundle = await resolve("redoc/bundles/redoc.standalone.js", { resolveDir, kind: "import-statement" });
        return { ...bundle, namespace: "redoc-search-worker" };
      });
      onLoad({ filter: /./, namespace: "redoc-search-worker" }, async ({ path }) => {
        const [, literal] = only(await readFile(path, "utf8"), worker);
        return { contents: runInNewContext(literal) };
      });
      // The bundle requires a module "null": a dependency of the server side, left out by its makers.
      onResolve({ filter: /^null$/ }, () => ({ path: "null", namespace: "empty" }));
      onLoad({ filter: /./, namespace: "empty" }, () => ({ contents: "" }));
      onLoad({ filter: /redoc\.standalone\.js$/ }, async ({ path }) => {
        const bundle = await readFile(path, "utf8");
        const edits = [only(bundle, logo), only(bundle, worker)];
        const contents = bundle.replace(edits[0][0], () => "null")
          .replace(edits[1][0], () => `new Worker(${JSON.stringify(workerURL)})`);
        return { contents };
      });
    },
  };
}
