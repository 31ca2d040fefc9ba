// The certificate maker of the tests wants the metadata half of Reflect before it loads. This is as much of it as that takes,
// in the tests' process only: the product reads certificates without it.

const metadata = new WeakMap<object, Map<unknown, unknown>>()

function own(target: object): Map<unknown, unknown> {
  const known = metadata.get(target)
  if (known !== undefined) return known
  const made = new Map<unknown, unknown>()
  metadata.set(target, made)
  return made
}

function find(key: unknown, target: object | null): unknown {
  if (target === null) return undefined
  return metadata.get(target)?.get(key) ?? find(key, Object.getPrototypeOf(target))
}

Object.assign(Reflect, {
  defineMetadata: (key: unknown, value: unknown, target: object) => void own(target).set(key, value),
  getMetadata: (key: unknown, target: object) => find(key, target),
  getOwnMetadata: (key: unknown, target: object) => metadata.get(target)?.get(key),
  hasOwnMetadata: (key: unknown, target: object) => metadata.get(target)?.has(key) === true,
  metadata: (key: unknown, value: unknown) => (target: object) => void own(target).set(key, value),
})
