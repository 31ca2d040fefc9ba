/** Where the glue's frames appear in stack traces. Part of what a code cache is made for. */
export const glueFileName = 'bulkhead:component'
