import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../end-to-end/command.js'
import { tryGuide } from '../try-guide.js'

/** The guide shows it in parts. */
const manifest = `[component]
id = "ingest"
version = "1.0.0"

[quotas]
storage = "10MiB"

[capabilities]
storage.read = ["self:*"]
storage.write = ["self:cache:*", "self:counters:*"]
environment.read = ["region", "API_KEY"]
`

tryGuide('storage', async (folder) => {
  await mkdir(folder)
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'ingest.component.toml'), manifest)
})
