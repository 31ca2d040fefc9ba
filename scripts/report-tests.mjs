// Prints `N passed, N failed` from the JSON report of a test run: counted there, never here by hand.
import { readFileSync } from 'node:fs'

const [file] = process.argv.slice(2)
const report = JSON.parse(readFileSync(file, 'utf8'))
// A file that could not even be loaded has no tests to count, and still failed.
const brokenFiles = report.testResults.filter((one) => one.status === 'failed' && one.assertionResults.length === 0)
for (const one of brokenFiles) console.log(`did not load: ${one.name}`)
console.log(`${report.numPassedTests} passed, ${report.numFailedTests + brokenFiles.length} failed`)
