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

/// The built gateway is killed at each write of its database of use, and meets a full disk there: answers go on, and the
/// database is good afterwards.
@Suite(.serialized, .timeLimit(.minutes(20)))
struct UsageFaultTests {
    private static let body = #"{"model":"alula/echo","messages":[{"role":"user","content":"Hello there"}]}"#

    /// An installation whose database is in a directory of its own, so that only its writes are met.
    private static func installation() throws -> Installation {
        let installation = try Installation()
        let database = "\(installation.home)/elsewhere/usage.sqlite"
        try installation.write(database, "")
        _ = mkdir("\(installation.state)/alula", 0o700)
        #expect(symlink(database, "\(installation.state)/alula/usage.sqlite") == 0)
        return installation
    }

    private static func start(_ installation: Installation, _ fault: Fault?) async throws -> GatewayUnderTest {
        guard let fault else { return try await installation.startGateway() }
        let variables = try CallShim.variables(
            directory: "\(installation.home)/elsewhere", trace: "\(installation.home)/trace", fault: fault)
        return try await installation.startGateway(more: variables)
    }

    private static func ask(_ gateway: GatewayUnderTest) async throws -> String {
        try await gateway.post("/v1/chat/completions", body)
    }

    /// What has been recorded; `nil` when the gateway is gone.
    private static func requests(_ gateway: GatewayUnderTest) async -> Int64? {
        do {
            let client = try await gateway.connect()
            let answer = try await client.call("usage.cost", [:], deadline: .after(.seconds(60)))
            await client.close()
            return answer["totals"]?["requests"]?.integer
        } catch {
            return nil
        }
    }

    @Test func aKillAtAnyWriteLeavesAGoodDatabase() async throws {
        var (number, hasSurvived) = (0, false)
        while !hasSurvived {
            number += 1
            let installation = try Self.installation()
            let first = try await Self.start(installation, .killedBefore(number))
            #expect(try await Self.ask(first).hasPrefix("HTTP/1.1 200"), "\(number)")
            let recorded = await Self.requests(first)
            hasSurvived = try await first.stop() == .exited(0)
            let second = try await Self.start(installation, nil)
            #expect(try await Self.ask(second).hasPrefix("HTTP/1.1 200"), "\(number)")
            // What was told is there, and at most the one that was not.
            let found = await Self.requests(second) ?? 0
            #expect(((recorded ?? 0) + 1...2).contains(found), "\(number): \(found)")
            #expect(try await second.stop() == .exited(0))
            #expect(!second.logText.contains("damaged"), "\(number)")
            try #require(number < 200)
        }
        // The trace was of this database.
        #expect(number > 5)
    }

    @Test(arguments: [1, 2, 5, 9])
    func aFullDiskCostsRecordsAndNothingElse(_ write: Int) async throws {
        let installation = try Self.installation()
        let first = try await Self.start(installation, .fullDisk(fromWrite: write))
        for _ in 0..<3 { #expect(try await Self.ask(first).hasPrefix("HTTP/1.1 200")) }
        _ = await Self.requests(first)
        #expect(try await first.http("/healthz").hasPrefix("HTTP/1.1 200"))
        #expect(try await first.stop() == .exited(0))
        #expect(first.logText.contains("can't be recorded at the moment"))
        #expect(!first.logText.contains("damaged"))
        let second = try await Self.start(installation, nil)
        #expect(try await Self.ask(second).hasPrefix("HTTP/1.1 200"))
        #expect(await Self.requests(second) ?? 0 >= 1)
        #expect(try await second.stop() == .exited(0))
    }
}
