import { mermaidOf } from './mermaid-of.mjs'

/**
 * A document with the picture of each machine between `<!-- machine: ID -->` and the end of the block after it.
 *
 * @param {string} text
 * @param {readonly import('xstate').AnyStateMachine[]} machines
 * @returns {string}
 */
export function withPictures(text, machines) {
  return machines.reduce((drawn, machine) => {
    const place = new RegExp(`(<!-- machine: ${machine.id} -->\\n\\n)\`\`\`mermaid\\n[^]*?\\n\`\`\``)
    if (!place.test(drawn)) throw new Error(`no place for the picture of \`${machine.id}\``)
    return drawn.replace(place, (_, head) => `${head}\`\`\`mermaid\n${mermaidOf(machine)}\n\`\`\``)
  }, text)
}
