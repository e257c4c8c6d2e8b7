// Collects the licence texts of the packages that a bundle holds.
import { readFile, readdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";

const notice = /^(licen[cs]e|notice|thirdpartynotices)/i;

// licences returns one text: every package that inputs (an esbuild metafile's paths) lie in, by
// name, with its version, licence and notices. Files that are bundles already have a notice of
// their own beside them (x.js.LICENSE.txt), which is included.
export async function licences(inputs) {
  const packages = new Map();
  for (const input of inputs) {
    const path = relative(".", input.replace(/^[\w-]+:/, "")); // the namespace of a plugin
    const folder = path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0];
    if (!folder) continue;
    packages.set(folder, (packages.get(folder) ?? new Set()).add(basename(path) + ".LICENSE.txt"));
  }
  const sections = await Promise.all([...packages].sort().map(section));
  return "The console's pages hold these packages.\n" + sections.join("");
}

async function section([folder, beside]) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = (await readdir(folder, { recursive: true }))
    .filter((path) => notice.test(path) || beside.has(basename(path)))
    .sort();
  const texts = await Promise.all(files.map((path) => readFile(join(folder, path), "utf8")));
  return `\n${"=".repeat(80)}\n${name} ${version} (${license})\n\n` + texts.join("\n").trim() + "\n";
}
