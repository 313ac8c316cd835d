import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `alula doctor --self-test` with the built program, sound and broken.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct SelfTestTests {
    private func steps(_ result: CommandResult) throws -> [String: Bool] {
        let document = try JSONValue.parse(result.output)
        #expect(document["ok"]?.bool == (result.status == 0))
        var steps: [String: Bool] = [:]
        for step in try #require(document["steps"]?.array) {
            steps[try #require(step["step"]?.string)] = step["ok"]?.bool
        }
        return steps
    }

    @Test func aSoundProgramReadsWithItsOwnWorkerAndServesAndStops() async throws {
        let installation = try Installation()
        let result = try await installation.alula("doctor", "--self-test", "--json")
        #expect(result.status == 0, "\(result.output) \(result.errors)")
        #expect(try steps(result) == ["worker": true, "start": true, "query": true, "stop": true])
        // Neither the user's state directory nor the trial's own is left behind.
        #expect(installation.names() == [])
        #expect(!installation.names(in: installation.home).contains { $0.hasPrefix("alula-self-test-") })
    }

    @Test func aNamedStateDirectoryIsReadAndLeftAsItIs() async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", Fixtures.configuration)
        try installation.write("agents/main/agent/auth-profiles.json", Fixtures.mainStore)
        let result = try await installation.alula("doctor", "--self-test", "--state-dir", installation.state)
        #expect(result.status == 0, "\(result.output) \(result.errors)")
        #expect(result.output.contains("agents"))
        #expect(installation.names() == ["agents", "openclaw.json"])
        #expect(installation.read("openclaw.json") == Fixtures.configuration)
    }

    /// Under the system's loader the running file is the loader, which is no worker: a package that wraps the program so
    /// is broken, though every command of it seems to work.
    @Test func aProgramThatIsNotItsOwnWorkerFails() async throws {
        let loader = "/lib64/ld-linux-x86-64.so.2"
        guard access(loader, X_OK) == 0 else { return }
        let installation = try Installation()
        let version = try await installation.shell("\(loader) \(Installation.program) --version")
        #expect(version.status == 0)
        let result = try await installation.shell("\(loader) \(Installation.program) doctor --self-test --json")
        #expect(result.status == 1, "\(result.output) \(result.errors)")
        #expect(try steps(result) == ["worker": false])
        #expect(result.output.contains("worker_"))
        #expect(!installation.names(in: installation.home).contains { $0.hasPrefix("alula-self-test-") })
    }

    /// The client set an option of TCP one level too high, where its number means one that only root may set.
    @Test func somebodyWhoIsNotRootReachesTheirGateway() async throws {
        // Where the tests run as another user anyway, all of them show it.
        guard getuid() == 0 else { return }
        let installation = try Installation()
        let nobody = "cd / && setpriv --reuid 65534 --regid 65534 --clear-groups env -i HOME=/nonexistent"
        // Not everywhere is there a way to be somebody else, nor may everybody start what root built.
        guard try await installation.shell("\(nobody) \(Installation.program) --version").status == 0 else { return }
        let result = try await installation.shell("\(nobody) \(Installation.program) doctor --self-test --json")
        #expect(result.status == 0, "\(result.output) \(result.errors)")
    }

    /// Whoever starts a gateway so and dies leaves none behind.
    @Test func aGatewayStopsWithItsInputWhenToldTo() async throws {
        let installation = try Installation()
        let result = try await installation.alula("gateway", "run", "--port", "0", "--until-input-ends")
        #expect(result.status == 0 || result.status == -1, "\(result.errors)")
        let again = try await installation.alula("doctor", "--only", "gateway.lock", "--all")
        #expect(again.output.contains("No gateway is running"))
    }
}
