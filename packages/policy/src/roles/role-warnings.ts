import { type Finding, nearestName } from '@bulkhead/document'
import { comparedNamesMax, roleWarningsMax } from './limits.js'
import type { RoleOrigin, Roles } from './roles.js'

/** What a role file says that is legal and probably not meant, in the order of the text. */
export function roleWarnings(roles: Omit<Roles, 'warnings'>): readonly Finding[] {
  const warnings = [...repeatedLines(roles), ...rulesWithoutEffect(roles), ...undefinedRoles(roles)]
  return warnings.sort((a, b) => a.line - b.line || a.column - b.column).slice(0, roleWarningsMax)
}

function repeatedLines({ rules, memberships }: Omit<Roles, 'warnings'>): readonly Finding[] {
  const said: readonly (readonly [key: string, origin: RoleOrigin])[] = [
    ...rules.flatMap(({ subject, kind, actions, pattern, effect, origin }) =>
      actions.map((action) => [JSON.stringify([subject, kind, action, pattern, effect]), origin] as const),
    ),
    ...memberships.map(({ member, role, origin }) => [JSON.stringify([member, role]), origin] as const),
  ]
  const firstLines = new Map<string, number>()
  const repeated = new Map<RoleOrigin, number>()
  for (const [key, origin] of said) {
    const first = firstLines.get(key)
    if (first === undefined) firstLines.set(key, origin.line)
    else if (!repeated.has(origin)) repeated.set(origin, first)
  }
  return [...repeated].map(([origin, first]) =>
    warning(origin, `the line repeats line ${first}`, 'remove one of the two'),
  )
}

/** An allow in the same words as a deny for the same subject: the deny has the last word. */
function rulesWithoutEffect({ rules }: Omit<Roles, 'warnings'>): readonly Finding[] {
  const denied = new Map<string, number>()
  const keyOf = (subject: string, kind: string, action: string, pattern: string): string =>
    JSON.stringify([subject, kind, action, pattern])
  for (const { subject, kind, actions, pattern, effect, origin } of rules) {
    if (effect === 'deny') for (const action of actions) denied.set(keyOf(subject, kind, action, pattern), origin.line)
  }
  return rules.flatMap(({ subject, kind, actions, pattern, effect, origin }) => {
    if (effect === 'deny') return []
    const lines = actions.map((action) => denied.get(keyOf(subject, kind, action, pattern)))
    const [line] = lines
    return line === undefined || lines.includes(undefined)
      ? []
      : [warning(origin, `line ${line} denies all of it: this rule is without effect`, 'deny overrides allow')]
  })
}

/** A role that is given to somebody, but has no rules and is in no other role: most often a slip of the pen. */
function undefinedRoles({ rules, memberships }: Omit<Roles, 'warnings'>): readonly Finding[] {
  const defined = new Set([...rules.map(({ subject }) => subject), ...memberships.map(({ member }) => member)])
  const names = [...defined].filter((subject) => subject.startsWith('role:'))
  const shown = memberships.filter(({ role }) => !defined.has(role)).slice(0, roleWarningsMax)
  // Looking for the nearest name takes one with every other: for as many as that is little work, the first of the file.
  const comparable = Math.floor(comparedNamesMax / Math.max(1, names.length))
  return shown.map(({ role, origin }, index) => {
    const nearest = index < comparable ? nearestName(role, names) : undefined
    const hint = nearest === undefined ? `a rule for it begins with \`p, ${role}, …\`` : `did you mean \`${nearest}\`?`
    return warning(origin, `\`${role}\` gives nothing: it has no rules and is in no other role`, hint)
  })
}

function warning({ document, line, column }: RoleOrigin, message: string, hint: string): Finding {
  return { file: document, line, column, message, hint }
}
