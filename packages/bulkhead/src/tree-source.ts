import { parseTreeObject, type Tree, type TreeDocument } from '@bulkhead/manifest'
import { BulkheadError } from '@bulkhead/vocabulary'
import { readTree, refuseScaledTime } from './plan-tree.js'

/** Where a runtime has its tree from: at its start, and again when it is told to reload. */
export type TreeSource = {
  readonly first: Tree
  /**
   * @param given the next tree, where the first was an object
   * @throws {DocumentError} with every finding
   * @throws {BulkheadError} `usage` for an object where the tree is a file, and for none where it is not
   */
  readonly again: (given: TreeDocument | undefined) => Tree
}

/**
 * @param base from where the relative paths of an object start; the working directory unless said
 * @throws {DocumentError} with every finding
 */
export function treeSource(tree: string | TreeDocument, base: string | undefined): TreeSource {
  if (typeof tree !== 'string') return objectSource(tree, base)
  return {
    first: readTree(tree),
    again: (given) => {
      if (given === undefined) return readTree(tree)
      throw new BulkheadError('usage', `the tree of this runtime is the file \`${tree}\``, {
        hint: 'change the file and call `reload()` without a tree',
      })
    },
  }
}

function objectSource(tree: TreeDocument, base: string | undefined): TreeSource {
  const first = readObjectTree(tree, base ?? '.')
  return {
    first,
    again: (given) => {
      if (given !== undefined) return readObjectTree(given, first.directory)
      throw new BulkheadError(
        'usage',
        'the program that runs this tree gave it as an object: there is no file to read again',
        {
          hint: 'the program itself calls `runtime.reload({ tree })` with the next one',
        },
      )
    },
  }
}

function readObjectTree(document: TreeDocument, base: string): Tree {
  const tree = parseTreeObject(document, { base })
  refuseScaledTime(tree)
  return tree
}
