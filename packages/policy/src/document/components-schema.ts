import { quote } from '@bulkhead/document'
import { parseChildId } from '@bulkhead/vocabulary'
import { z } from 'zod'
import { customIssue } from './custom-issue.js'
import { sharedComponentsMax } from './limits.js'

/** The components of a shared policy, by their ids in the tree. */
export const componentsSchema = z
  .array(
    z
      .string()
      .describe('the id of a component')
      .check(({ value, issues }) => {
        if (isChildId(value)) return
        const hint = 'lower-case letters, digits and hyphens, a letter first; optionally after `tenant/`'
        issues.push(customIssue(value, `${quote(value)} is not the id of a component`, hint))
      }),
  )
  .min(1)
  .max(sharedComponentsMax)
  .describe('a list of component ids')
  .check(({ value, issues }) => {
    const twice = value.find((id, index) => value.indexOf(id) !== index)
    if (twice !== undefined) {
      issues.push(customIssue(value, `the component ${quote(twice)} is listed twice`, 'name each component once'))
    }
  })

function isChildId(text: string): boolean {
  try {
    parseChildId(text)
    return true
  } catch {
    return false
  }
}
