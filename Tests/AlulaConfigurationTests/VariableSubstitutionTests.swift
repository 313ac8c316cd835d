import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaConfiguration

struct VariableSubstitutionTests {
    private let environment = ["HOST": "example.test", "EMPTY": "", "BLANK": "  ", "A_1": "one", "DOLLAR": "${HOST}"]

    @Test(
        arguments: [
            ("https://${HOST}/v1", "https://example.test/v1"), ("${HOST}${A_1}", "example.testone"),
            ("$${HOST}", "${HOST}"), ("a$${A_1}b${A_1}", "a${A_1}bone"), ("$HOST", "$HOST"),
            ("${lower}", "${lower}"), ("${}", "${}"), ("${HOST", "${HOST"), ("$", "$"), ("$$", "$$"),
            ("$$$${A_1}", "$$${A_1}"), ("${DOLLAR}", "${HOST}"), ("${1A}", "${1A}"), ("é${A_1}😀", "éone😀"),
        ])
    func replaces(text: String, expected: String) throws {
        let loaded = try MemoryFiles(main: "{ui: {text: \(JSONValue.string(text).text())}}").loaded(
            environment: environment)
        #expect(loaded.resolved.value(at: "ui.text") == .string(expected))
        #expect(loaded.problems.isEmpty)
    }

    @Test(arguments: ["${MISSING}", "${EMPTY}", "${BLANK}", "x${MISSING}y"])
    func keepsAndReportsWhatIsNotSet(text: String) throws {
        let loaded = try MemoryFiles(main: "{ui: {list: ['\(text)']}}").loaded(environment: environment)
        #expect(loaded.resolved.value(at: "ui.list[0]") == .string(text))
        #expect(loaded.findings == ["warning unresolved_variable ui.list[0]"])
        #expect(!loaded.hasErrors)
    }

    @Test func theFilesOwnVariablesFillWhatIsMissing() throws {
        let text =
            "{env: {vars: {HOST: 'file.test', NEW: 'new', EMPTY: 'filled', REF: '${HOST}'}, BARE: 'bare'}, ui: ['${HOST}', '${NEW}', '${BARE}', '${EMPTY}']}"
        let loaded = try MemoryFiles(main: text).loaded(environment: environment)
        #expect(loaded.resolved["ui"] == ["example.test", "new", "bare", "filled"])
        let variables = loaded.configuration.environment.variables.mapValues(\.exposed)
        #expect(variables == ["HOST": "file.test", "NEW": "new", "EMPTY": "filled", "BARE": "bare"])
        #expect(loaded.findings == ["warning invalid_value env.vars.REF"])
    }

    @Test func aReferenceInASecretsPlaceStaysAReference() throws {
        let text = """
            {models: {providers: {a: {apiKey: '${A_1}', headers: {'X-Key': '${A_1}', Authorization: 'Bearer ${A_1}'}}, b: {apiKey: '$${A_1}'}, c: {apiKey: 'x-${A_1}'}}},
             gateway: {auth: {token: '${MISSING}'}}, channels: {telegram: {botToken: '${A_1}', name: '${A_1}'}}}
            """
        let loaded = try MemoryFiles(main: text).loaded(environment: environment)
        #expect(loaded.problems.isEmpty)
        let models = loaded.configuration.models
        #expect(models["a"]?.apiKey?.spelled == "env:default:A_1")
        #expect(models["a"]?.headers.map(\.value.spelled) == ["env:default:A_1", "Bearer one"])
        #expect(models["b"]?.apiKey?.spelled == "${A_1}")
        #expect(models["c"]?.apiKey?.spelled == "x-one")
        #expect(loaded.configuration.gateway.auth.token?.spelled == "env:default:MISSING")
        #expect(loaded.resolved.value(at: "channels.telegram.botToken") == "${A_1}")
        #expect(loaded.resolved.value(at: "channels.telegram.name") == "one")
    }

    @Test func aProviderWithAnUnresolvedURLIsOff() throws {
        let loaded = try MemoryFiles(main: "{models: {providers: {a: {baseUrl: 'https://${NOWHERE}/v1'}}}}").loaded()
        #expect(loaded.configuration.models.invalidProviders == ["a"])
        #expect(
            loaded.findings == [
                "warning unresolved_variable models.providers.a.baseUrl",
                "error unresolved_variable models.providers.a.baseUrl",
            ])
    }
}
