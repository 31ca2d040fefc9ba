import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepareExample } from '../../../docs/examples/policies/prepare.mjs'
import { guestFile } from '../../support/test-runtime.mjs'
import { tryGuide } from '../try-guide.js'

tryGuide('embedding', async (folder) => {
  await prepareExample(folder)
  copyFileSync(guestFile('calls-callee'), join(folder, 'plug-in.wasm'))
})
