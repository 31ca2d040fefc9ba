import { mkdir } from 'node:fs/promises'
import { tryGuide } from '../try-guide.js'

tryGuide('http', async (folder) => void (await mkdir(folder)))
