// Prints `N passed, N failed` from the JSON reports of test runs: counted there, never here by hand. A report that does not
// exist belongs to a run that was skipped.
import { existsSync, readFileSync } from 'node:fs'

let passed = 0
let failed = 0
for (const file of process.argv.slice(2).filter((name) => existsSync(name))) {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  // A file that could not even be loaded has no tests to count, and still failed.
  const brokenFiles = report.testResults.filter((one) => one.status === 'failed' && one.assertionResults.length === 0)
  for (const one of brokenFiles) console.log(`did not load: ${one.name}`)
  passed += report.numPassedTests
  failed += report.numFailedTests + brokenFiles.length
}
console.log(`${passed} passed, ${failed} failed`)
