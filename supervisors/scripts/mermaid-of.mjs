// A machine as a Mermaid state diagram: every state, and every transition with its event and its guard. Pure.

/**
 * @param {import('xstate').AnyStateMachine} machine
 * @returns {string} the text of a `mermaid` block
 */
export function mermaidOf(machine) {
  return ['stateDiagram-v2', ...bodyOf(machine.root, 1)].join('\n')
}

/** States first, so that names with hyphens are declared before an arrow mentions them; then the arrows. */
function bodyOf(node, depth) {
  return [...statesOf(node, depth), ...nodesBelow(node).flatMap((from) => arrowsOf(from))]
}

function statesOf(node, depth) {
  const children = Object.values(node.states)
  const lines = children.flatMap((child, index) => {
    const name = `state "${child.key}" as ${idOf(child)}`
    // Regions of a parallel state stand beside one another.
    const separator = node.type === 'parallel' && index > 0 ? [indent('--', depth)] : []
    if (Object.keys(child.states).length === 0) return [...separator, indent(name, depth)]
    return [...separator, indent(`${name} {`, depth), ...statesOf(child, depth + 1), indent('}', depth)]
  })
  const [initial] = node.type === 'parallel' ? [] : node.initial.target
  return initial === undefined ? lines : [...lines, indent(`[*] --> ${idOf(initial)}`, depth)]
}

function nodesBelow(node) {
  return Object.values(node.states).flatMap((child) => [child, ...nodesBelow(child)])
}

/** One arrow for each pair of states, with all that leads along it. What only changes what the state knows is no arrow. */
function arrowsOf(node) {
  const labels = new Map()
  for (const transition of transitionsOf(node)) {
    for (const target of transition.target ?? []) {
      const id = idOf(target)
      labels.set(id, [...(labels.get(id) ?? []), labelOf(transition, node)])
    }
  }
  return [...labels].map(([id, words]) => {
    const label = [...new Set(words)].join(', ')
    return indent(`${idOf(node)} --> ${id}${label === '' ? '' : `: ${label}`}`, 1)
  })
}

function transitionsOf(node) {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])]
}

function labelOf({ eventType, guard }, node) {
  if (eventType === '' && guard === undefined) return node.always.length > 1 ? 'otherwise' : ''
  const delay = node.after.find((after) => after.eventType === eventType)?.delay
  const name = delay === undefined ? eventType : `after ${delay}`
  // That a run speaks of its own incarnation goes without saying.
  const condition = guard === undefined || guard === 'isCurrent' ? '' : `[${guard}]`
  return `${name} ${condition}`.trim()
}

/** Mermaid takes no hyphens and dots in names of states. */
function idOf(node) {
  return node.path.join('__').replaceAll('-', '_')
}

function indent(line, depth) {
  return `${'  '.repeat(depth)}${line}`
}
