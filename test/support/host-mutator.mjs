// Changes the directory tree from the host's side, as fast as it can, while a guest works in it. Runs as a worker thread.
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

/**
 * @typedef {{ verb: 'rename' | 'symlink' | 'link' | 'unlink' | 'mkdir' | 'rmdir' | 'write', first: string, second: string }} Step
 * Absolute host paths; a symlink has its target first and its path second.
 */

/** @type {Record<Step['verb'], (first: string, second: string) => void>} */
const act = {
  rename: (from, to) => fs.renameSync(from, to),
  symlink: (target, path) => fs.symlinkSync(target, path),
  link: (from, to) => fs.linkSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  mkdir: (path) => fs.mkdirSync(path),
  rmdir: (path) => fs.rmdirSync(path),
  write: (path, data) => fs.writeFileSync(path, data),
}

/** @param {Step[]} steps @param {Int32Array} control [stop, whole cycles] */
function mutateUntilStopped(steps, control) {
  while (Atomics.load(control, 0) === 0) {
    let whole = true
    for (const { verb, first, second } of steps) {
      try {
        act[verb](first, second)
      } catch {
        whole = false // The guest was in the way: go on from here.
      }
    }
    if (whole) Atomics.add(control, 1, 1)
    // Now and then everything stands still for a moment, so that the guest also gets through.
    if (Math.random() < 0.2) Atomics.wait(control, 0, 0, Math.random())
  }
}

/** @param {Step[]} steps */
export function startHostMutator(steps) {
  const control = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { steps, control } })
  const exited = new Promise((resolve) => worker.once('exit', resolve))
  return {
    /** Resolves once nothing moves any more, with the number of whole cycles. */
    async stop() {
      Atomics.store(control, 0, 1)
      await exited
      return Atomics.load(control, 1)
    },
  }
}

if (!isMainThread && workerData?.steps !== undefined) mutateUntilStopped(workerData.steps, workerData.control)
