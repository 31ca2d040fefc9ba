import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildExample } from '../../../docs/examples/plugin-host/build.mjs'
import { prepareExample } from '../../../docs/examples/policies/prepare.mjs'
import { root } from '../../end-to-end/command.js'
import { tryGuide } from '../try-guide.js'

tryGuide('host-interfaces', async (folder) => {
  await prepareExample(folder)
  await buildExample()
  copyFileSync(join(root, 'docs/examples/plugin-host/guests/greeter.wasm'), join(folder, 'greeter.wasm'))
})
