// Fails when schema.graphql would break a client of released.graphql, the schema of the last
// release. A release renews it: cp schema.graphql .ci/suites/released.graphql
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";
import { readFile } from "node:fs/promises";

const readText = (path) => readFile(new URL(path, import.meta.url), "utf8");
const read = async (path) => buildSchema(await readText(path), { assumeValidSDL: true }); // the directives are the federation's
const changes = await diff(await read("released.graphql"), await read("../../schema.graphql"));
const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
for (const { path, message } of breaking) console.error(`${path}: ${message}`);
console.log(`graphql-inspector: ${changes.length} changes since the last release, ${breaking.length} of them breaking`);
if (breaking.length > 0) process.exit(1);
