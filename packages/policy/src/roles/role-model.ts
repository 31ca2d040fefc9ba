/**
 * The one model of a role file (SPEC 7), ours and fixed: no file brings its own. `obj` is the pattern; matching it is the
 * capability table's work, so that casbin only resolves who has which rules.
 */
export const roleModel = `
[request_definition]
r = sub, act, obj

[policy_definition]
p = sub, act, obj, eft

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = g(r.sub, p.sub) && r.act == p.act && r.obj == p.obj
`
