// Run with descriptors that are inherited by whatever is started: says what an actor in a process of its own sees of them.
import { actorLab } from '../support/actor-lab.mjs'
import { guestFile } from '../support/test-runtime.mjs'

const script = `
  const fs = require('node:fs')
  const processes = fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))
  const text = (file) => { try { return fs.readFileSync(file, 'latin1') } catch (thrown) { return thrown.code } }
  const target = (name) => { try { return fs.readlinkSync('/proc/self/fd/' + name) } catch { return '/dev/null' } }
  return {
    environment: process.env,
    hostname: require('node:os').hostname(),
    texts: processes.flatMap((pid) => ['environ', 'cmdline'].map((name) => text('/proc/' + pid + '/' + name))).join(),
    descriptors: fs.readdirSync('/proc/self/fd').map(target),
  }`
const host = process.argv[2] ?? ''
const lab = await actorLab('process')
const options = { entry: 'hostile-worker.test.support.js', args: ['guest', script] }
const actor = await lab.run(guestFile('hello'), { allow: ['read /data/**'], host }, options, {
  stdout: (chunk) => void process.stdout.write(chunk),
})
await actor.exited
await lab.close()
