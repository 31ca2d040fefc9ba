// Prints what failed, and what passed only when it was tried again, then `N passed, N failed`, from the JSON reports of
// test runs: counted there, never here by hand.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

let passed = 0
let failed = 0
for (const file of process.argv.slice(2)) {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  for (const { name, status, assertionResults } of report.testResults) {
    const path = relative(process.cwd(), name)
    // A file that could not even be loaded has no tests to count, and still failed.
    if (status === 'failed' && assertionResults.length === 0) {
      console.log(`did not load: ${path}`)
      failed++
    }
    if (assertionResults.some((one) => one.status === 'pending'))
      console.log(`its process died, so it was tried again: ${path}`)
    for (const test of assertionResults.filter((one) => one.status === 'passed' && one.failureMessages.length > 0)) {
      console.log(`passed when tried again: ${path} > ${test.fullName}\n    ${beginAndEnd(test.failureMessages)}`)
    }
    for (const test of assertionResults.filter((one) => one.status === 'failed')) {
      console.log(`failed: ${path} > ${test.fullName}\n    ${beginAndEnd(test.failureMessages)}`)
    }
  }
  passed += report.numPassedTests
  failed += report.numFailedTests
}
console.log(`${passed} passed, ${failed} failed`)

function beginAndEnd(messages) {
  const lines = messages.join('\n').split('\n')
  const told = lines.length <= 40 ? lines : [...lines.slice(0, 10), `… ${lines.length - 40} lines`, ...lines.slice(-30)]
  return told.join('\n    ')
}
