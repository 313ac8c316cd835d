import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Secrets of every kind are planted, and every byte that leaves a process of ours is searched for them: to clients, to
/// files, to pipes, to the worker and back, in the arguments and variables of children, and after a crash.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct SecretsStayTests {
    private static let environment = ["OPENAI_API_KEY": "CANARY-env-4f1a", "SWIFT_BACKTRACE": "enable=no"]

    private func expectNoCanary(in text: String, _ place: String) {
        for canary in CanaryTests.canaries {
            guard let found = text.firstRange(of: canary) else { continue }
            let before = text[..<found.lowerBound].suffix(200), after = text[found.upperBound...].prefix(100)
            Issue.record("\(canary) is in \(place): …\(before)[here]\(after)…")
        }
    }

    // contract: 4.2, 4.3, 4.4, 4.5, 4.6
    @Test func secretsStayWhereTheyAreInEveryByteThatLeavesAProcess() async throws {
        let installation = try Installation(variables: Self.environment)
        try CanaryTests.plant(in: installation)
        let watch = Watch(installation)
        let gateway = try await installation.startGateway("--log-level", "trace", more: try watch.variables())
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        for method in [
            "health", "status", "models.list", "models.status", "models.authStatus", "agents.list", "secrets.reload",
            "config.get", "config.schema", "device.pair.list", "no.such.method", "models.authLogout",
        ] {
            // Refusals leave the process as well.
            do { _ = try await client.call(method, deadline: .after(.seconds(60))) } catch is ClientError {}
        }
        // A file that changed is read again by a worker of its own.
        let events = client.events
        try installation.write(
            "agents/work/agent/auth-profiles.json",
            #"{"version":1,"profiles":{"cerebras:a":{"type":"api_key","provider":"cerebras","key":"CANARY-store-key-0a11"}}}"#
        )
        for await event in events where event.name == "models.auth.changed" { break }
        await client.close()
        #expect(try await gateway.stop() == .exited(0))

        let tapped = watch.tapped
        expectNoCanary(in: tapped, "what left the processes")
        // It is what left them: to the client, to the worker, and from the worker.
        #expect(tapped.contains("hello-ok"))
        #expect(tapped.contains("sourceDeadlineMs") || tapped.contains("\"plan\""))
        let workers = Set(try watch.trace().filter { $0.name == .start }.map(\.process)).subtracting([gateway.pid])
        #expect(workers.count >= 2)
        expectNoCanary(in: gateway.logText, "the log")
    }

    // contract: 4.7
    @Test(arguments: [SIGSEGV, SIGABRT]) func secretsStayWhereTheyAreWhenTheProgramCrashes(_ signal: Int32) async throws
    {
        let installation = try Installation(variables: Self.environment)
        try CanaryTests.plant(in: installation)
        // Whoever starts it allows memory images of any size.
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        let earlier = limit
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        defer {
            limit = earlier
            setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        }
        let gateway = try await installation.startGateway("--log-level", "trace")
        try await gateway.waitUntilReady()
        let limits = installation.read("/proc/\(gateway.pid)/limits")
        let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }?.split(separator: " ")
        #expect(core?.dropFirst(4).first == "0", "\(limits)")
        #expect(try await gateway.stop(signal) == .signalled(signal))
        expectNoCanary(in: gateway.logText, "the report of the crash")
        let images = installation.names(in: installation.home).filter { $0.hasPrefix("core") }
        #expect(images == [])
    }
}
