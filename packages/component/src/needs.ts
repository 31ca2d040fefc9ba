import type { Kind } from '@bulkhead/vocabulary'
import type { DescribedImport } from './describe.js'

/** A kind of capability that the imports suggest, and the imports that suggest it. */
export type Need = { readonly kind: Kind; readonly because: readonly string[] }

const PREVIEW1_FILES = /^(?:path_|fd_(?:allocate|filestat|pread|prestat|pwrite|readdir|sync|datasync))/
const SUGGESTS: readonly (readonly [kind: Kind, suggests: (imported: string, fn: string) => boolean])[] = [
  [
    'filesystem',
    (imported, fn) => imported === 'wasi:filesystem/types' || (isPreview1(imported) && PREVIEW1_FILES.test(fn)),
  ],
  [
    'network',
    (imported, fn) =>
      imported.startsWith('wasi:sockets/') ||
      imported === 'wasi:http/outgoing-handler' ||
      (isPreview1(imported) && fn.startsWith('sock_')),
  ],
  [
    'environment',
    (imported, fn) =>
      (imported === 'wasi:cli/environment' && fn === 'get-environment') ||
      imported.startsWith('wasi:config/') ||
      (isPreview1(imported) && fn.startsWith('environ_')),
  ],
  ['storage', (imported) => imported.startsWith('wasi:keyvalue/')],
  ['messaging', (imported) => imported.startsWith('wasmcloud:messaging/')],
]

/** What a component with these imports may ask for. A language's runtime imports more than most programs use. */
export function needsOf(imports: readonly DescribedImport[]): readonly Need[] {
  return SUGGESTS.flatMap(([kind, suggests]) => {
    const because = imports.flatMap((each) =>
      each.functions.filter((fn) => suggests(each.interface, fn)).map((fn) => `${each.interface} ${fn}`),
    )
    return because.length === 0 ? [] : [{ kind, because }]
  })
}

function isPreview1(imported: string): boolean {
  return imported === 'wasi_snapshot_preview1'
}
