import { type KindCatalogue, noCustomKinds } from '@bulkhead/capability'
import { z } from 'zod'
import { nativeSchema } from './native-schema.js'
import type { PolicyFormat } from './policy.js'
import { wassetteSchema, wassetteWorkflowSchema } from './wassette-schema.js'

/** A JSON Schema (draft 2020-12), as editors take it. */
export type JsonSchema = { readonly [key: string]: unknown }

/**
 * The form of policy documents for editors that complete and check while one types. What a schema cannot say (whether a
 * pattern follows its grammar, whether two keys exclude each other) `parsePolicy` checks.
 *
 * @param options.kinds the custom kinds of the host application; default: none
 */
export function policyJsonSchema(format: PolicyFormat, options: { readonly kinds?: KindCatalogue } = {}): JsonSchema {
  const { kinds = noCustomKinds } = options
  if (format === 'native') {
    return { title: 'Bulkhead policy', ...convert(nativeSchema({ componentId: undefined, kinds })) }
  }
  return {
    title: 'Wassette policy, as Bulkhead reads it',
    ...convert(z.union([wassetteSchema, wassetteWorkflowSchema])),
  }
}

function convert(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    unrepresentable: 'any',
    // Whole numbers are `bigint` here, a type that JSON Schema does not know.
    override: ({ zodSchema, jsonSchema }) => {
      if (!(zodSchema instanceof z.ZodBigInt)) return
      const { minValue, maxValue } = zodSchema
      jsonSchema.type = 'integer'
      if (minValue !== null) jsonSchema.minimum = Number(minValue)
      if (maxValue !== null) jsonSchema.maximum = Number(maxValue)
    },
  })
}
