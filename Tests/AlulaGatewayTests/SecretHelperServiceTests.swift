import AlulaAuth
import AlulaCredentials
import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Logging
import Testing

@testable import AlulaGateway

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct SecretHelperServiceTests {
    private let scene: Installation
    private let pool = BlockingPool()
    private let clock = ManualClock()
    private let answers = AsyncStream<String>.makeStream()

    init() throws { scene = try Installation() }

    private let found = "echo '{\"protocolVersion\":1,\"values\":{\"a\":\"sk-fake\"}}'"

    private func reference(_ alias: String) -> SecretReference {
        SecretReference(source: .helper, provider: alias, id: "a")
    }

    /// The state with a helper for each of `scripts`, by alias.
    private func state(_ scripts: [String: String]) throws -> LoadedState {
        let entries = try scripts.map { alias, text in
            let path = try scene.write("#!/bin/sh\ncat >/dev/null\n\(text)\n", to: "helpers/\(alias)", mode: 0o700)
            return "\(alias): {source: 'exec', command: '\(path)', allowInsecurePath: true}"
        }
        try scene.write("{secrets: {providers: {\(entries.joined(separator: ", "))}}}", to: "state/openclaw.json")
        let state = scene.load(["PATH": "/usr/bin:/bin"])
        try #require(state.problems.isEmpty)
        return state
    }

    private func makeService() async -> SecretHelperService {
        let resolver = SecretResolver(pool: pool, helpers: SecretHelpers(pool: pool))
        let service = SecretHelperService(
            resolver: resolver, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let answered = answers.continuation
        await service.onAnswer { alias, _ in answered.yield(alias) }
        return service
    }

    private func isFound(_ reading: Reading<SecretSourceFact>?) -> Bool { reading?.fact?.ids["a"] == .present }

    private func isFailed(_ reading: Reading<SecretSourceFact>?) -> Bool {
        if case .failed? = reading { true } else { false }
    }

    /// Whose answer was taken next.
    private func nextAnswer() async -> String? {
        var iterator = answers.stream.makeAsyncIterator()
        return await iterator.next()
    }

    /// Runs `service` while `body` does.
    private func running(
        _ service: SecretHelperService, _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await service.run() }
            try await body()
            group.cancelAll()
        }
    }

    @Test func whatAHelperAnswersIsKnownAndNothingIsBeforehand() async throws {
        let state = try state(["vault": found])
        let service = await makeService()
        await service.want([reference("vault")], in: state)
        #expect(await service.readings["vault"] == .pending)
        #expect(await service.unresolvedCount == 1)
        try await running(service) {
            #expect(await nextAnswer() == "vault")
            #expect(await isFound(service.readings["vault"]))
            #expect(await service.unresolvedCount == 0)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aHangingHelperHoldsUpNobodyElse() async throws {
        let gate = scene.path("gate")
        try #require(mkfifo(gate, 0o600) == 0)
        let state = try state(["slow": "read line <'\(gate)'\n\(found)", "quick": found])
        let service = await makeService()
        await service.want([reference("slow"), reference("quick")], in: state)
        try await running(service) {
            #expect(await nextAnswer() == "quick")
            #expect(await service.readings["slow"] == .pending)
            // It is let go, and its answer is taken.
            let descriptor = open(gate, O_RDWR | O_NONBLOCK)
            try #require(descriptor >= 0)
            defer { close(descriptor) }
            try #require(write(descriptor, "go\n", 3) == 3)
            #expect(await nextAnswer() == "slow")
            #expect(await isFound(service.readings["slow"]))
        }
    }

    @Test(.timeLimit(.minutes(1))) func aFailedHelperIsAskedAgainAfterHalfAMinute() async throws {
        let state = try state(["vault": "[ -e '\(scene.path("ready"))' ] || exit 1\n\(found)"])
        let service = await makeService()
        await service.want([reference("vault")], in: state)
        try await running(service) {
            #expect(await nextAnswer() == "vault")
            #expect(await isFailed(service.readings["vault"]))
            await clock.sleepers(atLeast: 1)
            try scene.write("", to: "ready")
            clock.advance(by: .seconds(30))
            #expect(await nextAnswer() == "vault")
            #expect(await isFound(service.readings["vault"]))
        }
    }

    @Test(.timeLimit(.minutes(1))) func whoeverAsksAgainWaitsForNoPause() async throws {
        let state = try state(["vault": "[ -e '\(scene.path("ready"))' ] || exit 1\n\(found)"])
        let service = await makeService()
        await service.want([reference("vault")], in: state)
        try await running(service) {
            #expect(await nextAnswer() == "vault")
            try scene.write("", to: "ready")
            await service.askAgain()
            #expect(await isFound(service.readings["vault"]))
            #expect(await service.unresolvedCount == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)), .bug(id: "5", "A reload was answered by the run of a helper that hung before it"))
    func whoeverAsksAgainWhileAHelperHangsGetsWhatItSaysAfterwards() async throws {
        let (gate, begun) = (scene.path("gate"), scene.path("begun"))
        for path in [gate, begun] { try #require(mkfifo(path, 0o600) == 0) }
        let hang = "echo >'\(begun)'\nread line <'\(gate)'\nexit 1"
        let state = try state(["vault": "if [ -e '\(scene.path("ready"))' ]; then \(found); exit; fi\n\(hang)"])
        let service = await makeService()
        await service.want([reference("vault")], in: state)
        try await running(service) {
            // The first run has looked, and hangs.
            try await pool.run("reads a FIFO", deadline: .after(.seconds(50))) {
                let descriptor = open(begun, O_RDONLY)
                defer { close(descriptor) }
                var byte: UInt8 = 0
                try #require(read(descriptor, &byte, 1) == 1)
            }
            try scene.write("", to: "ready")
            async let asked: Void = service.askAgain()
            while await service.waitingCount == 0 { await Task.yield() }
            let descriptor = open(gate, O_RDWR | O_NONBLOCK)
            try #require(descriptor >= 0)
            defer { close(descriptor) }
            try #require(write(descriptor, "go\n", 3) == 3)
            await asked
            #expect(await isFound(service.readings["vault"]))
        }
    }

    @Test func whatNobodyWantsAnyMoreIsForgotten() async throws {
        let state = try state(["vault": found])
        let service = await makeService()
        await service.want([reference("vault")], in: state)
        await service.want([], in: state)
        #expect(await service.readings.isEmpty)
        #expect(await service.unresolvedCount == 0)
    }
}
