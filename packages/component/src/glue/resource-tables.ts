import { rejected } from './check-glue.js'
import { childOf, identifierName, listOf, type SyntaxNode } from './syntax-tree.js'
import type { Edit } from './text-edit.js'

// Each part of a component has a table of handles for every type of resource that it knows. The transpiler's functions on
// them are wrong in four places, as soon as parts hand resources to each other or make up handles:
//
// - `rscTableCreateOwn` takes whatever a table is given for something that its part has created. To whom a resource of its
//   own making is lent, the Canonical ABI gives the bare representation; a part that once got a resource for its own and is
//   lent that one again got that number for a handle: of another resource, or of none. Only `resource.new` creates.
// - An entry beyond the table's end reads as `undefined`, which `rscTableRemove` takes for the representation 0.
// - A table that was given nothing yet is none, and a look into it is a mistake of JavaScript's.
// - The representation 0, which a program may choose as any other, reads as no entry.

/** The parameter of the script that is called with the number of a handle that nobody gave out; it does not return. */
export const FORGED = 'forgedHandle'

const entryRead = 'const scope = table[handle << 1];'
const unknown = `throw new WebAssemblyRuntimeError(\`unknown handle index \${(handle << 1) + 1}\`);`
const refused = `${FORGED}(handle);`

const mends: ReadonlyMap<string, readonly (readonly [stock: string, mended: string])[]> = new Map([
  ['rscTableCreateOwn', [['table._createdReps.add(rep);', '']]],
  ['rscTableGet', entryMends('rep === 0 ||')],
  ['rscTableRemove', entryMends('val === 0 ||')],
  ['resourceTransferBorrow', [['toTable._createdReps.has(rep)', 'toTable._isDefiner === true']]],
])

function entryMends(noEntry: string): readonly (readonly [stock: string, mended: string])[] {
  return [
    [entryRead, `if (table === undefined) ${refused} ${entryRead}`],
    [noEntry, 'val === undefined ||'],
    [unknown, refused],
  ]
}

/**
 * What is to be changed at this node of the glue, if it is one of the functions above, or the `resource.new` of a type.
 *
 * @throws {BulkheadError} `component-rejected-glue` when such a function is not the one that was read.
 */
export function resourceTableEdits(node: SyntaxNode, source: string): readonly Edit[] {
  if (node.type === 'FunctionDeclaration') {
    const name = identifierName(childOf(node, 'id')) ?? ''
    return (mends.get(name) ?? []).map(([stock, mended]) => {
      const start = source.indexOf(stock, node.start)
      if (start < 0 || start + stock.length > node.end) {
        throw rejected(`has \`${name}\` in an unknown form`, source, node.start)
      }
      return { start, end: start + stock.length, text: mended }
    })
  }
  const table = definingTable(node)
  return table === undefined ? [] : [{ start: node.end, end: node.end, text: ` ${table}._isDefiner = true;` }]
}

/** The table in `const trampolineN = rscTableCreateOwn.bind(null, handleTableN)`: that of who defines the resource. */
function definingTable(node: SyntaxNode): string | undefined {
  const [declarator] = node.type === 'VariableDeclaration' ? listOf(node, 'declarations') : []
  const bind = childOf(declarator, 'init')
  const callee = childOf(bind, 'callee')
  if (bind?.type !== 'CallExpression' || identifierName(childOf(callee, 'object')) !== 'rscTableCreateOwn')
    return undefined
  return identifierName(listOf(bind, 'arguments')[1])
}
