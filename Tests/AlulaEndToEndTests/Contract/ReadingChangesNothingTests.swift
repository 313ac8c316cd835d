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

/// A gateway warms and tells, commands ask it and ask without it, all under the shim: which files were changed, whom somebody
/// connected to and what was started is in the trace.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ReadingChangesNothingTests {
    /// What was seen of everything that only reads.
    private struct Seen {
        var trace: [TracedCall]
        /// Files that are not as they were, apart from our own corner.
        var changed: [String]
        var port: Int
        var installation: Installation
    }

    /// Everything that could tempt somebody to refresh, rotate, ask or tidy up.
    private static func prepare(_ installation: Installation) throws {
        try CanaryTests.plant(in: installation)
        try installation.write("agents/main/agent/auth-state.json", Fixtures.mainState())
        try installation.write("\(installation.home)/.codex/auth.json", Fixtures.codexLogin(expiresIn: -60))
        try installation.write("agents/old/agent/auth.json", #"{"groq":{"type":"api_key","key":"fake-of-long-ago"}}"#)
        try installation.write(
            "openclaw.json",
            """
            {models: {providers: {
              'my-box': {baseUrl: 'http://127.0.0.1:9/v1', api: 'openai-completions', models: [{id: 'tiny', name: 'Tiny'}]},
              far: {baseUrl: 'https://far.example/v1', apiKey: 'fake', models: []}}},
             agents: {list: [{id: 'main'}, {id: 'work'}, {id: 'old'}]}}
            """)
    }

    private static func look() async throws -> Seen {
        let installation = try Installation()
        try prepare(installation)
        // What a gateway makes for itself is made.
        let first = try await installation.startGateway()
        try await first.waitUntilReady()
        #expect(try await first.stop() == .exited(0))
        let before = try contents(installation)

        let watch = Watch(installation)
        let gateway = try await installation.startGateway(more: try watch.variables())
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        for (method, parameters) in [
            ("health", [:]), ("status", [:]), ("models.list", [:]), ("models.status", ["agentId": "work"]),
            ("models.authStatus", ["refresh": true]), ("models.status", ["agentId": "old"]), ("agents.list", [:]),
            ("config.get", [:]),
        ] as [(String, JSONValue)] {
            _ = try await client.call(method, parameters, deadline: .after(.seconds(60)))
        }
        await client.close()
        for isRunning in [true, false] {
            if !isRunning { #expect(try await gateway.stop() == .exited(0)) }
            for arguments in [
                ["models", "status"], ["models", "list", "--all"], ["models", "auth", "list"], ["config", "get"],
                ["config", "validate"], ["agents", "list"], ["status"],
            ] {
                let environment = installation.variables.merging(try watch.variables()) { $1 }
                _ = try await installation.run(
                    ChildCommand(
                        executable: Installation.program, arguments: arguments, environment: environment,
                        workingDirectory: installation.home), input: "")
            }
        }
        let after = try contents(installation)
        let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
        return Seen(
            trace: try watch.trace(), changed: changed.sorted(), port: gateway.port, installation: installation)
    }

    /// Each file's content, rights and time, apart from our own corner and the log.
    private static func contents(_ installation: Installation) throws -> [String: String] {
        var contents: [String: String] = [:]
        for name in try installation.allNames() where !isOurs("\(installation.home)/\(name)", installation) {
            let path = "\(installation.home)/\(name)"
            let identity = try BlockingContext.permit { try FileIdentity.of(path, followsLinks: false) }
            contents[name] = "\(identity.mode) \(identity.modified) \(installation.read(path))"
        }
        return contents
    }

    /// Our own folder, the log, and the marks by which OpenClaw's programs see that a gateway runs.
    private static func isOurs(_ path: String, _ installation: Installation) -> Bool {
        ["\(installation.state)/alula", "\(installation.home)/logs", "\(installation.home)/gateway.log"].contains {
            path == $0 || path.hasPrefix("\($0)/")
        } || path.hasPrefix("\(installation.home)/openclaw-\(getuid())")
    }

    // contract: 5.1, 5.2, 5.3, 5.4
    @Test func readingChangesNothingAsksNobodyAndStartsNothing() async throws {
        let seen = try await Self.look()
        #expect(seen.changed == [])
        let changes = seen.trace.filter {
            $0.number > 0 && $0.succeeded && !Self.isOurs($0.path, seen.installation)
                && $0.path != seen.installation.home
        }
        #expect(changes.map { "\($0.name) \($0.path)" } == [])
        let connections = Set(seen.trace.filter { $0.name == .connect }.map(\.path))
        #expect(connections.subtracting(["127.0.0.1:\(seen.port)", "local"]) == [])
        let started = Set(seen.trace.filter { $0.name == .spawn }.map(\.path))
        #expect(started.subtracting([Installation.program, "/proc/self/exe"]) == [])
        // The worker was watched as well: programs that nobody started by hand are in the trace.
        #expect(!started.isEmpty)
        #expect(Set(seen.trace.filter { $0.name == .start }.map(\.process)).count > 15)
    }

    // contract: 5.5
    @Test(arguments: [nil, "{ gateway: { port: 1 } } // as I like it", "{ modles: {}, models: 5 }"] as [String?])
    func readingChangesNothingOfTheConfigurationWhenAGatewayStarts(_ text: String?) async throws {
        let installation = try Installation()
        if let text { try installation.write("openclaw.json", text) }
        let watch = Watch(installation)
        let gateway = try await installation.startGateway(more: try watch.variables())
        try await gateway.waitUntilReady()
        #expect(try await gateway.stop() == .exited(0))
        #expect(installation.names().filter { $0 != "alula" } == (text == nil ? [] : ["openclaw.json"]))
        if let text { #expect(installation.read("openclaw.json") == text) }
        let touched = try watch.trace().filter { $0.number > 0 && $0.path.contains("openclaw.json") }
        #expect(touched.map { "\($0.name) \($0.path)" } == [])
    }

    // contract: 5.6
    @Test func readingChangesNothingOfAnotherProgramsLogin() async throws {
        let installation = try Installation()
        let home = installation.home
        try Self.prepare(installation)
        let logins = ["\(home)/.codex/auth.json", "\(home)/.claude/.credentials.json", "\(home)/.config/gh/hosts.yml"]
        let before = logins.map { installation.read($0) }
        let watch = Watch(installation)
        let gateway = try await installation.startGateway(more: try watch.variables())
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        // They are read: one of them has ended, and that is told.
        #expect(try await gateway.models(client)["openai"]?["available"] != true)
        try installation.write(logins[0], Fixtures.codexLogin(expiresIn: 7200))
        while try await gateway.models(client)["openai"]?["available"] != true {}
        // A logout is of our stores, and a login of ours stands beside theirs.
        _ = try await client.call("models.authLogout", ["provider": "anthropic"], deadline: .after(.seconds(60)))
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
        #expect(logins.dropFirst().map { installation.read($0) } == Array(before.dropFirst()))
        let touched = try watch.trace().filter { call in
            call.number > 0 && [".codex", ".claude", ".config"].contains { call.path.contains("/\($0)/") }
        }
        #expect(touched.map { "\($0.name) \($0.path)" } == [])
    }
}
