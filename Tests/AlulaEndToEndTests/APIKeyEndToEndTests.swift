import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The built program makes keys, and the running gateway follows.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct APIKeyEndToEndTests {
    private static func status(_ gateway: GatewayUnderTest, _ key: String, model: String = "alula/echo") async throws
        -> Int
    {
        let body = #"{"model":"\#(model)","messages":[{"role":"user","content":"Hello there"}]}"#
        let answer = try await gateway.post("/v1/chat/completions", body, bearer: key)
        return Int(answer.split(separator: " ").dropFirst().first ?? "") ?? 0
    }

    /// Until the gateway has noticed what the command line did.
    private static func waitFor(_ wanted: Int, _ gateway: GatewayUnderTest, _ key: String) async throws {
        while try await status(gateway, key) != wanted { await Task.yield() }
    }

    @Test func aKeyOpensFromItsMakingToItsEnd() async throws {
        let installation = try Installation()
        let early = try await installation.alula("keys", "create", "early")
        #expect(early.status == 0, "\(early.errors)")
        let gateway = try await installation.startGateway()
        #expect(try await Self.status(gateway, early.output.trimmed()) == 200)

        let made = try await installation.alula("keys", "create", "laptop", "--model", "alula/*")
        let key = made.output.trimmed()
        #expect(key.hasPrefix("alula-"))
        try await Self.waitFor(200, gateway, key)
        #expect(try await Self.status(gateway, key, model: "openai/gpt-5.5") == 403)
        #expect(try await Self.status(gateway, key + "x") == 401)
        let models = try await gateway.httpBody("/v1/models", bearer: key)
        #expect(models["data"]?.array?.allSatisfy { $0["owned_by"] == "alula" } == true)

        #expect(try await installation.alula("keys", "revoke", "laptop").status == 0)
        try await Self.waitFor(401, gateway, key)
        #expect(try await Self.status(gateway, early.output.trimmed()) == 200)
        #expect(try await gateway.stop() == .exited(0))
        // Neither files nor logs hold what opens a door.
        for text in [installation.read("alula/api-keys.json"), gateway.logText] {
            #expect(!text.contains(key.dropFirst("alula-".count)))
            #expect(!text.contains(early.output.trimmed().dropFirst("alula-".count)))
        }
    }

    /// What was used counts again after a restart, and under the key's name.
    @Test func aDaysTokensAreUsedUpOnce() async throws {
        let installation = try Installation()
        let key = try await installation.alula("keys", "create", "kids", "--tokens-per-day", "3").output.trimmed()
        let other = try await installation.alula("keys", "create", "other", "--tokens-per-day", "1000000").output
            .trimmed()
        let gateway = try await installation.startGateway()
        #expect(try await Self.status(gateway, key) == 200)
        try await Self.waitFor(429, gateway, key)
        #expect(try await Self.status(gateway, other) == 200)
        #expect(try await gateway.stop() == .exited(0))
        let next = try await installation.startGateway()
        #expect(try await Self.status(next, key) == 429)
        #expect(try await Self.status(next, other) == 200)
        let use = try await installation.alula("usage", "--by", "key")
        #expect(use.output.contains("kids"), "\(use.output) \(use.errors)")
        #expect(try await next.stop() == .exited(0))
    }

    /// A file that is damaged takes nobody's key away while the gateway runs, and says so.
    @Test func aDamagedFileIsToldAndTakesNoKeyAway() async throws {
        let installation = try Installation()
        let key = try await installation.alula("keys", "create", "laptop").output.trimmed()
        let gateway = try await installation.startGateway()
        let whole = installation.read("alula/api-keys.json")
        try installation.write("alula/api-keys.json", "no keys")
        while !gateway.logText.contains("The file of API keys can't be used as it is") { await Task.yield() }
        #expect(try await Self.status(gateway, key) == 200)
        let list = try await installation.alula("keys", "list")
        #expect(list.status != 0)
        #expect(list.errors.contains("can't be understood"))
        try installation.write("alula/api-keys.json", whole)
        while !gateway.logText.contains("The file of API keys can be used again") { await Task.yield() }
        #expect(try await Self.status(gateway, key) == 200)
        #expect(try await gateway.stop() == .exited(0))
    }
}
