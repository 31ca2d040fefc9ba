import { type KindCatalogue, noCustomKinds } from '@bulkhead/capability'
import { decodeText, deepFreeze, type Position, quote } from '@bulkhead/document'
import { type CsvField, readCsvLine } from './csv-line.js'
import { FindingList } from './finding-list.js'
import { chainNamesMax, roleFileBytesMax, roleLinksMax } from './limits.js'
import { parseEffect, parseKindAction, parseRolePattern } from './parse-rule.js'
import { parseRole, parseSubject } from './parse-subject.js'
import type { ParsedField } from './parsed-field.js'
import { roleGraphProblems } from './role-graph.js'
import { roleWarnings } from './role-warnings.js'
import type { RoleMembership, RoleRule, Roles } from './roles.js'

export type RoleOptions = {
  /** The file's name as findings and origins repeat it. */
  readonly file: string
  /** The custom kinds that rules may speak of; default: none. */
  readonly kinds?: KindCatalogue
}

const ruleForm = '`p, subject, kind:action, pattern[, allow|deny]`'
const membershipForm = '`g, member, role`'

/**
 * Reads a role file (SPEC 7): casbin's CSV with one fixed model.
 *
 * ```csv
 * # who may do what
 * p, role:reader, filesystem:read, /data/**
 * p, component:ingest, filesystem:*, "/data/a,b/**", deny
 * g, component:ingest, role:reader
 * ```
 *
 * `p, subject, kind:action, pattern[, allow|deny]` (allow when absent; `*` is every action of the kind) and
 * `g, member, role`. There are no other sections, no domains and no matchers.
 *
 * @param document the text, or its bytes as they are on disk
 * @throws {DocumentError} with every finding: another section, a wrong number of fields, an unknown kind or action, a pattern
 *   that does not follow its grammar, a subject or role of another form, NUL, not UTF-8, larger than 256 KiB. Its
 *   code is `role-cycle` when nothing is wrong but roles that contain each other.
 */
export function parseRoles(document: string | Uint8Array, options: RoleOptions): Roles {
  const text = decodeText(document, { file: options.file, bytesMax: roleFileBytesMax })
  const reader = new RoleReader(options)
  // As in casbin, a line ends at `\n` whatever its quotes say.
  for (const [index, line] of text.split('\n').entries()) {
    reader.read(line.endsWith('\r') ? line.slice(0, -1) : line, index + 1)
  }
  return reader.finish()
}

class RoleReader {
  readonly #file: string
  readonly #kinds: KindCatalogue
  readonly #findings: FindingList
  readonly #rules: RoleRule[] = []
  readonly #memberships: RoleMembership[] = []

  constructor({ file, kinds = noCustomKinds }: RoleOptions) {
    this.#file = file
    this.#kinds = kinds
    this.#findings = new FindingList(file)
  }

  read(text: string, line: number): void {
    const nul = text.indexOf('\0')
    if (nul !== -1) {
      this.#findings.add({ line, column: nul + 1 }, 'the line holds a NUL character', 'remove it')
      return
    }
    const read = readCsvLine(text)
    if (read.kind === 'fields') this.#line(read.fields, line)
    if (read.kind === 'broken') {
      const hint = 'put the whole field in double quotes, and write a quote inside it twice'
      this.#findings.add({ line, column: read.column }, read.message, hint)
    }
  }

  finish(): Roles {
    const problems = roleGraphProblems(this.#memberships, roleLinksMax)
    for (const { at, chain } of problems.filter(({ kind }) => kind === 'cycle')) {
      this.#findings.addCycle(at.origin, `roles contain each other: ${listChain(chain)}`, 'remove one of these lines')
    }
    // In a circle every chain is too long.
    const tooDeep = problems.every(({ kind }) => kind === 'too-deep') ? problems : []
    for (const { at, chain } of tooDeep) {
      const message = `more than ${roleLinksMax} roles contain one another: ${listChain(chain)}`
      this.#findings.add(at.origin, message, 'give what the inner ones have to an outer one')
    }
    this.#findings.throwIfAny()
    const roles = { file: this.#file, rules: this.#rules, memberships: this.#memberships }
    return deepFreeze({ ...roles, warnings: roleWarnings(roles) })
  }

  #line([section, ...fields]: readonly CsvField[], line: number): void {
    const position = { line, column: section?.columnOf(0) ?? 1 }
    if (section?.text === 'p') this.#rule(fields, position)
    else if (section?.text === 'g') this.#membership(fields, position)
    else {
      const hint = `a line is ${ruleForm} or ${membershipForm}`
      this.#findings.add(position, `there is no section ${quote(section?.text ?? '')}`, hint)
    }
  }

  #rule(fields: readonly CsvField[], start: Position): void {
    const [subject, kindAction, pattern, effect] = fields
    if (subject === undefined || kindAction === undefined || pattern === undefined || fields.length > 4) {
      const hint = `write ${ruleForm}; a field with a comma stands in double quotes`
      this.#findings.add(start, `${fields.length} fields stand behind \`p\``, hint)
      return
    }
    const whose = this.#take(subject, parseSubject, start)
    const what = this.#take(kindAction, (text) => parseKindAction(text, this.#kinds), start)
    // What a pattern means, only its kind knows.
    const where = what && this.#take(pattern, (text) => parseRolePattern(text, what, this.#kinds), start)
    const how = effect === undefined ? 'allow' : this.#take(effect, parseEffect, start)
    if (whose === undefined || what === undefined || where === undefined || how === undefined) return
    const origin = { document: this.#file, line: start.line, column: pattern.columnOf(0) }
    this.#rules.push({ subject: whose, ...what, pattern: where, effect: how, origin })
  }

  #membership(fields: readonly CsvField[], start: Position): void {
    const [member, role] = fields
    if (member === undefined || role === undefined || fields.length > 2) {
      const hint = `write ${membershipForm}; there are no domains`
      this.#findings.add(start, `${fields.length} fields stand behind \`g\``, hint)
      return
    }
    const who = this.#take(member, parseSubject, start)
    const what = this.#take(role, parseRole, start)
    if (who === undefined || what === undefined) return
    this.#memberships.push({
      member: who,
      role: what,
      origin: { document: this.#file, line: start.line, column: role.columnOf(0) },
    })
  }

  /** What the field says; `undefined` when it was reported. */
  #take<T>(field: CsvField, parse: (text: string) => ParsedField<T>, { line }: Position): T | undefined {
    const parsed = parse(field.text)
    if ('ok' in parsed) return parsed.ok
    this.#findings.add({ line, column: field.columnOf(parsed.character) }, parsed.message, parsed.hint)
    return undefined
  }
}

/** The names along the links, the middle of a long chain left out. */
function listChain(chain: readonly string[]): string {
  const left = chain.length - chainNamesMax
  if (left <= 0) return chain.join(' → ')
  const half = chainNamesMax / 2
  return [...chain.slice(0, half), `${left} more`, ...chain.slice(-half)].join(' → ')
}
