// Rewrites the pictures of docs/supervision.md from the machines. Run it after a build that changed them.
import { readFileSync, writeFileSync } from 'node:fs'
import { childMachine } from '../dist/child.machine.js'
import { supervisorMachine } from '../dist/supervisor.machine.js'
import { withPictures } from './with-pictures.mjs'

const file = new URL('../../docs/supervision.md', import.meta.url)
writeFileSync(file, withPictures(readFileSync(file, 'utf8'), [childMachine, supervisorMachine]))
