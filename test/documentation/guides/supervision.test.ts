import { mkdirSync } from 'node:fs'
import { tryGuide } from '../try-guide.js'

// Its tree file is read and not run: what it tells is run by docs/examples/misbehaving.
tryGuide('supervision', async (folder) => void mkdirSync(folder))
