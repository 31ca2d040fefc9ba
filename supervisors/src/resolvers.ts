/** A promise and what settles it. */
export type Resolvers<Value> = { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void }

export function withResolvers<Value>(): Resolvers<Value> {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
