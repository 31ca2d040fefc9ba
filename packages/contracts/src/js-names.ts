// The glue's naming: kebab-case to lower camel case for functions, fields and flags, to Pascal case for resource classes.

const upperFirst = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** `get-random-bytes` → `getRandomBytes`. */
export function jsNameOf(kebab: string): string {
  return kebab
    .split('-')
    .map((word, index) => (index === 0 ? word.toLowerCase() : upperFirst(word.toLowerCase())))
    .join('')
}

/** `input-stream` → `InputStream`. */
export function jsClassOf(kebab: string): string {
  return upperFirst(jsNameOf(kebab))
}
