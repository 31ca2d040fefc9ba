import { mkdir } from 'node:fs/promises'
import { tryGuide } from '../try-guide.js'

// Its documents are read and not run: what they tell is run by docs/examples/fetcher.
tryGuide('fetching', async (folder) => void (await mkdir(folder)))
