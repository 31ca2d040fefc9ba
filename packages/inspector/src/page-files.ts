// Perimeter: reads the page that `build-page.mjs` wrote, once, and never a path that anybody asked for.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pageFileBytesMax, pageFilesMax } from './limits.js'

export type PageFile = { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string; readonly isHashed: boolean }

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
}

/** Beside the sources and beside what is built of them alike. */
const builtPage = fileURLToPath(new URL('../dist/page/', import.meta.url))

/** The files of the page by their names; none where it was not built. */
export function readPage(directory = builtPage): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>()
  for (const name of namesIn(directory)) {
    const type = types[extname(name)]
    const path = join(directory, name)
    if (type === undefined || files.size >= pageFilesMax || statSync(path).size > pageFileBytesMax) continue
    files.set(name, {
      bytes: new Uint8Array(readFileSync(path)),
      type,
      isHashed: /[-.][A-Za-z0-9_]{8,}\.[a-z]+$/.test(name),
    })
  }
  return files
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
