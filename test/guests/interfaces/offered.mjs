// The interface that the tests' host application offers, and what its guests see of it.

export const contactsName = 'acme:crm/contacts@1.0.0'

export const contactsWit = `interface contacts {
  record contact { name: string, age: u32, tags: list<string>, mail: option<string> }
  enum problem { access-denied, not-found }
  variant edit { rename(string), forget, birthday(u32) }
  /// Those whose name begins so.
  find: func(query: string) -> result<list<contact>, string>;
  change: func(name: string, edit: edit) -> result<contact, problem>;
  /// Returns no error: who is denied is ended.
  photo: func(name: string) -> list<u8>;
  count: func() -> u64;
  echo: func(text: string) -> string;
}
`

/** @type {import('../component-from-wat.mjs').MoreWit} */
export const plugInWit = {
  worlds: `world plug-in {
  import wasi:cli/stdout@0.2.12;
  import wasi:cli/environment@0.2.12;
  import acme:crm/contacts@1.0.0;
  export wasi:cli/run@0.2.12;
}
`,
  packages: `package acme:crm@1.0.0 {\n${contactsWit}}\n`,
}
