// Holds Kubernetes manifests against the schemas of Kubernetes' own API, as the package kubernetes-models ships them.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

let wrong = 0;
let seen = 0;
for (const path of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(path, 'utf8'), { strict: true, uniqueKeys: true })) {
    const problems = document.errors.map((error) => error.message);
    const object = document.toJS();
    if (problems.length === 0) {
      const module = await import(`kubernetes-models/${object.apiVersion}/${object.kind}`);
      try {
        new module[object.kind](object).validate();
      } catch (error) {
        problems.push(error.message);
      }
    }
    seen++;
    for (const problem of problems) {
      wrong++;
      console.error(`${path}: ${object?.kind} ${object?.metadata?.name}: ${problem}`);
    }
  }
}
console.log(`${seen} objects, ${wrong} wrong`);
process.exitCode = wrong === 0 && seen > 0 ? 0 : 1;
