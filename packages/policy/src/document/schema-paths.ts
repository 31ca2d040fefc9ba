import type { KeyPath } from '@bulkhead/document'
import { z } from 'zod'

/** What belongs at a path of a document, in the words of the schema. */
export function describeAt(schema: z.ZodType, path: KeyPath): string {
  return schemasAt(schema, path).find(({ description }) => description !== undefined)?.description ?? 'something else'
}

/** The keys that a table at a path may have. */
export function keysAt(schema: z.ZodType, path: KeyPath): readonly string[] {
  return schemasAt(schema, path).flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []))
}

/** The schemas that a value at this path is held against, outermost first; more than one where it may have several forms. */
function schemasAt(schema: z.ZodType, path: KeyPath): readonly z.ZodType[] {
  const opened = open(schema)
  const [key, ...rest] = path
  if (key === undefined) return opened
  return opened.flatMap((one) => {
    if (one instanceof z.ZodArray) return schemasAt(one.element as z.ZodType, rest)
    if (!(one instanceof z.ZodObject) || !Object.hasOwn(one.shape, key)) return []
    return schemasAt(one.shape[key] as z.ZodType, rest)
  })
}

/** A schema with what it wraps: what may be left out, what may be nothing, what has several forms. */
function open(schema: z.ZodType): readonly z.ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return [schema, ...open(schema.unwrap() as z.ZodType)]
  }
  return schema instanceof z.ZodUnion ? [schema, ...schema.options.flatMap((one) => open(one as z.ZodType))] : [schema]
}
