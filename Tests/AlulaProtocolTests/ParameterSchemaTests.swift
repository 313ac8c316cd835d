import AlulaJSON
import Testing

@testable import AlulaProtocol

struct ParameterSchemaTests {
    private static let schema = ParameterSchema.object([
        .required("p", .nonEmptyString), .optional("n", .integer(minimum: 1, maximum: 9)), .optional("b", .boolean),
        .optional("view", .enumeration(["default", "all"])), .optional("kind", .constant("x")),
        .optional("list", .array(of: .nonEmptyString, minimumCount: 1, maximumCount: 2)),
        .optional("map", .map(of: .boolean)), .optional("short", .text(maximumLength: 2)),
        .optional("inner", .object([.required("q", .any)])), .optional("open", .anyObject),
    ])

    @Test(
        arguments: [
            (["p": "x"], ""),
            (["p": "x", "n": 9, "b": true, "view": "all", "kind": "x", "list": ["a"], "map": ["a": true]], ""),
            (["p": "x", "open": ["anything": [1]], "inner": ["q": nil as JSONValue? ?? .null], "short": "ab"], ""),
            ([:], "invalid m params: must have required property 'p'"),
            (["p": "x", "zzz": 1], "invalid m params: at root: unexpected property 'zzz'"),
            (["zzz": 1], "invalid m params: must have required property 'p'; at root: unexpected property 'zzz'"),
            (["p": 1], "invalid m params: at /p: must be string"),
            (["p": ""], "invalid m params: at /p: must NOT have fewer than 1 characters"),
            (["p": "x", "n": "1"], "invalid m params: at /n: must be integer"),
            (["p": "x", "n": 1.5], "invalid m params: at /n: must be integer"),
            (["p": "x", "n": 0], "invalid m params: at /n: must be >= 1"),
            (["p": "x", "n": 10], "invalid m params: at /n: must be <= 9"),
            (["p": "x", "b": "true"], "invalid m params: at /b: must be boolean"),
            (["p": "x", "view": "none"], "invalid m params: at /view: must be equal to one of the allowed values"),
            (["p": "x", "kind": "y"], "invalid m params: at /kind: must be equal to constant"),
            (["p": "x", "list": []], "invalid m params: at /list: must NOT have fewer than 1 items"),
            (["p": "x", "list": ["a", "b", "c"]], "invalid m params: at /list: must NOT have more than 2 items"),
            (["p": "x", "list": ["a", 2]], "invalid m params: at /list/1: must be string"),
            (["p": "x", "list": "a"], "invalid m params: at /list: must be array"),
            (["p": "x", "map": ["a/b~": 1]], "invalid m params: at /map/a~1b~0: must be boolean"),
            (["p": "x", "short": "abc"], "invalid m params: at /short: must NOT have more than 2 characters"),
            (["p": "x", "inner": [:]], "invalid m params: at /inner: must have required property 'q'"),
            (["p": "x", "inner": ["q": 1, "r": 1]], "invalid m params: at /inner: unexpected property 'r'"),
            ([1], "invalid m params: must be object"),
        ] as [(JSONValue, String)])
    func speaksTheWordsThatClientsKnow(value: JSONValue, message: String) {
        let violations = Self.schema.violations(in: value)
        let text = violations.isEmpty ? "" : GatewayError.invalidParameters(of: "m", violations).message
        #expect(text == message)
    }

    @Test func aFloodOfViolationsAndEndlessNamesAreCut() {
        var object = JSONObject()
        for index in 0..<1000 { object[String(repeating: "k", count: 10_000) + "\(index)"] = 1 }
        let violations = ParameterSchema.nothing.violations(in: .object(object))
        #expect(violations.count == 16)
        #expect(violations.allSatisfy { $0.description.count < 200 })
        let list = JSONValue.array(Array(repeating: 1, count: 100_000))
        #expect(ParameterSchema.array(of: .string).violations(in: list).count == 16)
    }
}
