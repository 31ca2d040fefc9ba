import { copyFile, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../end-to-end/command.js'
import { guestFile } from '../../support/test-runtime.mjs'
import { tryGuide } from '../try-guide.js'

tryGuide('calling', async (folder) => {
  await mkdir(folder)
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await copyFile(guestFile('calls-callee'), join(folder, 'greeter.wasm'))
})
