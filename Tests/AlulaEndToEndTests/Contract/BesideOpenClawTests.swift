import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The built program in a directory of OpenClaw's, and beside a gateway of OpenClaw's. Shapes on the wire and eras of databases
/// are compared on lower rungs.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct BesideOpenClawTests {
    private static let configuration = """
        // Written by somebody who uses OpenClaw.
        {
          gateway: { mode: "local", port: 18789, controlUi: { enabled: true } },
          channels: { telegram: { enabled: true, dmPolicy: "pairing" } },
          session: { scope: "per-sender" }, // theirs
        }

        """
    private static let store = """
        {"version":1,"profiles":{"anthropic:default":{"type":"api_key","provider":"anthropic","key":"sk-ant-fake","x":[1.50]},
         "later:x":{"type":"later","provider":"later","blob":{"a":null}}},"lastSeen":"2026-01-01"}
        """
    private static let paired = """
        {"aa":{"deviceId":"aa","publicKey":"key","roles":["operator"],"scopes":["operator.read"],"later":{"kept":true},
          "tokens":{"operator":{"token":"fake-old","role":"operator","scopes":["operator.read"],"createdAtMs":1770000000000}}}}
        """

    // contract: 8.1, 8.5
    @Test func itRunsBesideOrInsteadOfOpenClawOnItsFilesAndKeepsWhatIsTheirs() async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", Self.configuration)
        try installation.write("agents/main/agent/auth-profiles.json", Self.store)
        try installation.write("devices/paired.json", Self.paired)
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        #expect(try await gateway.models(client)["anthropic"]?["available"] == true)
        await client.close()
        for (arguments, input) in [
            (["models", "auth", "paste-api-key", "--provider", "groq"], "sk-fake\n"),
            (["models", "auth", "order", "set", "--provider", "groq", "groq:default"], ""),
            (["config", "set", "gateway.port", "18790"], ""), (["devices", "rename", "aa", "Desk"], ""),
        ] {
            let result = try await installation.alulaList(arguments, input: input)
            #expect(result.status == 0, "\(arguments): \(result.errors)")
        }
        #expect(try await gateway.stop() == .exited(0))

        #expect(installation.read("openclaw.json") == Self.configuration.replacing("18789", with: "18790"))
        var store = try JSONValue.parse(installation.read("agents/main/agent/auth-profiles.json"))
        #expect(
            store["profiles"]?["groq:default"] == ["type": "api_key", "provider": "groq", "key": "sk-fake"])
        if case .object(var root) = store, case .object(var profiles)? = root["profiles"] {
            profiles["groq:default"] = nil
            root["profiles"] = .object(profiles)
            store = .object(root)
        }
        #expect(store.text(.canonical) == (try JSONValue.parse(Self.store)).text(.canonical))
        let state = try JSONValue.parse(installation.read("agents/main/agent/auth-state.json"))
        #expect(state["order"]?["groq"] == ["groq:default"])
        let device = try JSONValue.parse(installation.read("devices/paired.json"))["aa"]
        #expect(device?["later"] == ["kept": true])
        #expect(device?["tokens"]?["operator"]?["token"] == "fake-old")
    }

    // contract: 8.7
    @Test func itRunsBesideOrInsteadOfOpenClawButNeverOverItsRunningGateway() async throws {
        let installation = try Installation()
        let locks = "tmp/openclaw-\(getuid())"
        try installation.write(
            "\(locks)/gateway.later.lock", "{\"pid\":\(getpid()),\"createdAt\":\"2026-01-01T00:00:00.000Z\"}\n")
        let refused = try await installation.alula("gateway", "run", "--port", "1")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("gateway already running (pid \(getpid()))"))

        // Nor does OpenClaw start over ours: it finds the file that it looks for, with a process that runs.
        #expect(unlink("\(installation.state)/\(locks)/gateway.later.lock") == 0)
        let gateway = try await installation.startGateway()
        let names = installation.names(in: "\(installation.home)/openclaw-\(getuid())")
        let mark = try #require(names.first { $0.hasPrefix("gateway.") && $0.hasSuffix(".lock") })
        let note = try JSONValue.parse(installation.read("\(installation.home)/openclaw-\(getuid())/\(mark)"))
        #expect(note["pid"] == .number(Int(gateway.pid)))
        #expect(note["configPath"]?.string == "\(installation.state)/openclaw.json")
        #expect(try await gateway.stop() == .exited(0))
    }

    // contract: 8.6
    @Test(
        arguments: [
            (["config", "validate"], "{}", 0), (["config", "validate"], "{ models: 5 }", 1),
            (["config", "validate", "--nonsense"], "{}", 64), (["gateway", "health"], "{}", 69),
            (["gateway", "run", "--port", "1"], "{ broken", 78),
        ] as [([String], String, Int32)])
    func itRunsBesideOrInsteadOfOpenClawWithTheSameExitCodes(
        _ arguments: [String], configuration: String, status: Int32
    ) async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", configuration)
        #expect(try await installation.alulaList(arguments).status == status)
    }
}
