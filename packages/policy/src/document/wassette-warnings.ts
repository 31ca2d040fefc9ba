import { type Finding, type KeyPath, quote, type YamlDocument } from '@bulkhead/document'
import type { RuleOrigin } from '@bulkhead/vocabulary'
import type { WassettePermissions } from './wassette-schema.js'

/** What a Wassette document says and nothing here enforces. It is read, told, and grants nothing. */
export class Warnings {
  readonly #yaml: YamlDocument
  readonly #findings: Finding[] = []

  constructor(yaml: YamlDocument) {
    this.#yaml = yaml
  }

  /** In the order of the text. */
  sorted(): readonly Finding[] {
    return this.#findings.sort((a, b) => a.line - b.line || a.column - b.column)
  }

  /** Known keys of Wassette that mean other sandboxes than this one. */
  addUnenforced({ runtime, resources, ipc }: Partial<WassettePermissions>): void {
    for (const key of ['docker', 'hyperlight', 'wasm'] as const) {
      if (runtime?.[key] == null) continue
      this.#add(['runtime', key], `\`runtime.${key}\` is not enforced`, 'components run in WebAssembly here')
    }
    if (resources?.io != null) {
      this.#add(['resources', 'io'], '`resources.io` is not enforced', 'there is no limit of operations a second')
    }
    if (ipc?.allow == null && ipc?.deny == null) return
    this.#add(
      ['ipc'],
      '`ipc` is not enforced',
      'components reach each other by messages only; nothing is granted by it',
    )
  }

  addMemoryCut(path: KeyPath): void {
    const hint = 'the limit is 4 GiB, the largest that there is'
    this.#add(['resources', ...path], 'no linear memory is that large', hint, 'value')
  }

  addNoFiles(path: KeyPath, uri: string): void {
    this.#addAt(
      path,
      `${quote(uri)} does not name files: nothing is granted by it`,
      'files are `fs://` and a path',
      'value',
    )
  }

  addDefaults(path: KeyPath): void {
    const hint = 'write each host that is needed'
    this.#addAt(path, '`defaults` means a list that is kept elsewhere: nothing is granted by it', hint, 'key')
  }

  addRepeat({ line = 1, column = 1 }: RuleOrigin, pattern: string, first: number | undefined): void {
    const message = `${quote(pattern)} is listed twice`
    const finding = { file: this.#yaml.file, line, column, message, hint: `it stands already in line ${first}` }
    const known = this.#findings.some((one) => one.line === line && one.column === column && one.message === message)
    if (!known) this.#findings.push(finding)
  }

  #add(path: KeyPath, message: string, hint: string, where: 'key' | 'value' = 'key'): void {
    this.#addAt(['permissions', ...path], message, hint, where)
  }

  #addAt(path: KeyPath, message: string, hint: string, where: 'key' | 'value'): void {
    this.#findings.push({ file: this.#yaml.file, ...this.#yaml.positionOf(path, where), message, hint })
  }
}
