// Reads Dockerfiles with the linter of the Docker language server.
import { readFileSync } from 'node:fs';
import dockerfile from 'dockerfile-utils';

let wrong = 0;
for (const path of process.argv.slice(2)) {
  for (const problem of dockerfile.validate(readFileSync(path, 'utf8'))) {
    wrong++;
    console.error(`${path}:${problem.range.start.line + 1}: ${problem.message}`);
  }
}
console.log(`${process.argv.length - 2} Dockerfiles, ${wrong} problems`);
process.exitCode = wrong === 0 ? 0 : 1;
