import type { Context } from 'hono'
import type { z } from 'zod'
import { bodyBytesMax } from './limits.js'
import { readBody } from './read-body.js'
import type { Refusal } from './refusal.js'

export type Order<Form> = { readonly order: Form } | { readonly refusal: Refusal }

const json = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i

/** The body of an order, checked. Forms of pages cannot send this type without asking first, and nobody lets them. */
export async function readOrder<Form>(context: Context, form: z.ZodType<Form>): Promise<Order<Form>> {
  const { headers } = context.req.raw
  if (!json.test(headers.get('content-type') ?? '') || headers.has('content-encoding')) {
    return no(415, 'media-type', 'an order is JSON in UTF-8: `Content-Type: application/json`')
  }
  let value: unknown
  try {
    const text = await readBody(context.req.raw)
    if (text === undefined) return no(413, 'too-large', `an order has at most ${bodyBytesMax} bytes`)
    value = JSON.parse(text)
  } catch {
    return no(400, 'order-invalid', 'the body is not JSON in UTF-8')
  }
  const { success, data, error } = form.safeParse(value)
  if (success) return { order: data }
  const [issue] = error.issues
  const at = issue === undefined || issue.path.length === 0 ? '' : `\`${issue.path.join('.')}\`: `
  return no(400, 'order-invalid', `${at}${issue?.message ?? 'not an order'}`)
}

function no(status: number, code: string, message: string): { readonly refusal: Refusal } {
  return { refusal: { status, code, message } }
}
