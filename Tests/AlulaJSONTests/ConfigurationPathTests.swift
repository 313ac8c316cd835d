import Testing

@testable import AlulaJSON

struct ConfigurationPathTests {
    @Test(
        arguments: [
            ("", []), ("agents", [.key("agents")]),
            ("agents.list[0].model", [.key("agents"), .key("list"), .index(0), .key("model")]),
            (#"models.providers["a.b"].apiKey"#, [.key("models"), .key("providers"), .key("a.b"), .key("apiKey")]),
            (#"x["with \"quotes\""]"#, [.key("x"), .key("with \"quotes\"")]), (#"[""].a"#, [.key(""), .key("a")]),
            ("auth.profiles.openai:work", [.key("auth"), .key("profiles"), .key("openai:work")]),
            ("[3][4]", [.index(3), .index(4)]),
            (#"a["b c"]["d\ne"]"#, [.key("a"), .key("b c"), .key("d\ne")]),
            ("a.7.b", [.key("a"), .key("7"), .key("b")]),
        ] as [(String, [ConfigurationPath.Component])])
    func printsAndReadsTheSameSpelling(text: String, components: [ConfigurationPath.Component]) throws {
        #expect(try ConfigurationPath(parsing: text).components == components)
        #expect(ConfigurationPath(components).description == text)
    }

    @Test(arguments: [("a['b.c']", "a[\"b.c\"]"), ("a[b-c]", "a.b-c"), ("a[007]", "a[7]"), ("a[\"b\"]", "a.b")])
    func readsFurtherSpellings(text: String, printed: String) throws {
        #expect(try ConfigurationPath(parsing: text).description == printed)
    }

    @Test(arguments: [
        ("a..b", 2), (".a", 0), ("a.", 2), ("a[", 2), ("a[]", 2), ("a[1", 3), ("a[\"x]", 5), ("a]b", 1), ("a[1]b", 4),
        ("a[\"\\q\\1\"]", 5), ("a[\"b\"c]", 5), ("a[\"x\\", 5),
    ])
    func refusesBrokenSpellings(text: String, offset: Int) throws {
        let error = try #require(throws: JSONError.self) { _ = try ConfigurationPath(parsing: text) }
        #expect(error.code == .invalidPath)
        #expect(error.offset == offset, "\(error)")
    }

    @Test func refusesEndlessPaths() {
        #expect(throws: JSONError.self) { try ConfigurationPath(parsing: String(repeating: "a.", count: 3000) + "a") }
    }

    @Test func findsValues() {
        let value: JSONValue = ["agents": ["list": [["id": "main"]], "0": 5]]
        #expect(value.value(at: "agents.list[0].id") == "main")
        #expect(value.value(at: "agents.list.0.id") == "main")
        #expect(value.value(at: "agents[0]") == 5)
        #expect(value.value(at: "agents.list[1]") == nil)
        #expect(value.value(at: "agents.list.id") == nil)
        #expect(value.value(at: "agents.list[0].id.x") == nil)
        #expect(value.value(at: .root) == value)
    }

    @Test func comparesByPlace() throws {
        let paths: [ConfigurationPath] = ["a", "a.b", "a[2]", "a[10]", "b"]
        #expect(paths.sorted().map(\.description) == ["a", "a[2]", "a[10]", "a.b", "b"])
        #expect(ConfigurationPath("a.b").isWithin("a"))
        #expect(ConfigurationPath("a").isWithin(.root))
        #expect(!ConfigurationPath("ab.c").isWithin("a"))
        #expect(!ConfigurationPath("a").isWithin("a.b"))
    }
}

struct JSONPointerTests {
    private let value: JSONValue = ["foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "list": [[1]], "é": 2]

    @Test(
        arguments: [
            ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/m~0n", 8), ("/list/0/0", 1), ("/é", 2), ("/foo/-", nil),
            ("/foo/2", nil), ("/foo/01", nil),
            ("/foo/+1", nil), ("/foo/99999999999999999999", nil), ("foo", nil), ("/m~n", nil), ("/m~", nil),
            ("/foo/0/x", nil), ("/no", nil),
        ] as [(String, JSONValue?)])
    func resolves(pointer: String, expected: JSONValue?) {
        #expect(value.resolve(pointer: pointer) == expected)
    }

    @Test func theEmptyPointerIsTheValueItself() { #expect(value.resolve(pointer: "") == value) }
}

struct NearestNameTests {
    private static let known = ["apiKey", "baseUrl", "models", "headers", "timeoutSeconds", "api", "auth", "port"]

    @Test(
        arguments: [
            ("apikey", "apiKey"), ("api_key", "apiKey"), ("baseURL", "baseUrl"), ("model", "models"),
            ("haeders", "headers"), ("timeoutSecond", "timeoutSeconds"),
            ("timeout", nil), ("prot", "port"), ("zzz", nil), ("", nil), ("a", nil), ("apiKey", "api"),
            ("authh", "auth"),
        ] as [(String, String?)])
    func suggests(name: String, expected: String?) {
        let known = name == "apiKey" ? ["apiKey", "apj", "api-keys"] : Self.known
        #expect(NearestName.suggest(name, among: known) == (name == "apiKey" ? "api-keys" : expected))
    }

    @Test func ignoresHugeNames() {
        #expect(NearestName.suggest(String(repeating: "a", count: 100_000), among: ["aaa"]) == nil)
    }
}
