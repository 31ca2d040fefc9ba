// A vitest reporter that names the test files which never ended because the process that they ran in died: vitest itself
// says only that one did. The list, and how much else went wrong outside of tests, goes to $BULKHEAD_LOST_FILES.
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'

export default class LostFilesReporter {
  onTestRunEnd(modules, errors) {
    const lost = modules.filter((module) => module.state() === 'pending' || module.state() === 'queued')
    const files = lost.map((module) => relative(process.cwd(), module.moduleId))
    for (const file of files) console.log(`its process died: ${file}`)
    const otherErrors = errors.filter(({ message }) => !message.startsWith('[vitest-pool]')).length
    writeFileSync(process.env.BULKHEAD_LOST_FILES, JSON.stringify({ files, otherErrors }))
  }
}
