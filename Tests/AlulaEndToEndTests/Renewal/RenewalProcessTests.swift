import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Many processes of one machine on one login, whose provider ends it when a token is used twice.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct RenewalProcessTests {
    @Test(.bug(id: "B43"), .bug(id: "B45"), .bug(id: "B49"))
    func sixteenProcessesOfEightAgentsRenewOnce() async throws {
        let programs = try RenewalPrograms(delayMilliseconds: 50)
        let installation = try Installation()
        try programs.prepare(installation, family: "one")
        let processes = try (0..<16).map { _ in try programs.process(installation) }
        for process in processes { try RenewalPrograms.awaitReady(process) }
        let lines = try await withThrowingTaskGroup(of: [String].self) { group in
            for process in processes { group.addTask { try await RenewalPrograms.end(process).lines } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(lines == Array(repeating: "ok access-one-1", count: 16 * 8))
        #expect(try await programs.family("one") == [1, 0, 0])
        #expect(try programs.tokens(installation) == ["fake-one-1"])
        try expectNothingLeft(installation)
    }

    /// Before each call that changes a file. Only between the provider's answer and the first write behind it is the new token
    /// nowhere but in memory: a provider that takes no token twice ends the login then, and one that allows for lost answers
    /// gives the same tokens again.
    @Test func aKillAtAnyCallCostsNoToken() async throws {
        let (strict, lenient) = (try RenewalPrograms(agents: 2), try RenewalPrograms(agents: 2, grace: true))
        let changes = try await changes(of: strict)
        try #require(changes > 10)
        let lost = try await rounds(strict, "strict", (1...changes).map { .killedBefore($0) }, inTurn: true)
        #expect(lost.count == 1, "\(lost)")
        let lostByLenient = try await rounds(lenient, "lenient", (1...changes).map { .killedBefore($0) })
        #expect(lostByLenient == [])
    }

    /// `CRASH_ROUNDS` says how often, and `CRASH_SEED` chooses other instants.
    @Test func aKillAtARandomInstantCostsNoToken() async throws {
        let rounds = Self.number("CRASH_ROUNDS") ?? 40
        var random = SeededNumbers(Self.number("CRASH_SEED").map { UInt64($0) } ?? 86_281)
        let faults = (0..<rounds).map { _ in Fault.killedAfter(nanoseconds: .random(in: 0..<60_000_000, using: &random))
        }
        let lost = try await self.rounds(
            try RenewalPrograms(agents: 2, grace: true, delayMilliseconds: 5), "random", faults)
        #expect(lost == [])
    }

    // MARK: Rounds

    /// How many calls of one undisturbed process change files.
    private func changes(of programs: RenewalPrograms) async throws -> Int {
        let installation = try Installation()
        try programs.prepare(installation, family: "reference")
        let trace = "\(installation.home)/trace"
        let shim = try CallShim.variables(directory: installation.home, trace: trace, fault: nil)
        let process = try programs.process(installation, shim: shim)
        try RenewalPrograms.awaitReady(process)
        #expect(try await RenewalPrograms.end(process).status == .exited(0))
        return try TracedCall.parse(installation.read(trace)).count { $0.number > 0 }
    }

    /// Kills one process in the middle of each round, while another waits for its turn and a third comes later.
    ///
    /// - Parameter inTurn: Whether nobody else may take the turn of the one that is killed.
    /// - Returns: The faults after which somebody was left without a token.
    private func rounds(
        _ programs: RenewalPrograms, _ name: String, _ faults: [Fault], inTurn: Bool = false
    ) async throws -> [Fault] {
        try await withThrowingTaskGroup(of: Fault?.self) { group in
            var lost: [Fault] = []
            for (index, fault) in faults.enumerated() {
                if index >= 3, let ended = try await group.next(), let ended { lost.append(ended) }
                group.addTask { try await round(programs, "\(name)\(index)", fault, inTurn) ? nil : fault }
            }
            for try await ended in group { if let ended { lost.append(ended) } }
            return lost
        }
    }

    /// - Returns: Whether everybody but the killed one was served.
    private func round(
        _ programs: RenewalPrograms, _ family: String, _ fault: Fault, _ inTurn: Bool
    ) async throws -> Bool {
        let installation = try Installation()
        try programs.prepare(installation, family: family)
        let shim = try CallShim.variables(
            directory: installation.home, trace: "\(installation.home)/trace", fault: fault)
        let killed = try programs.process(installation, shim: shim)
        let beside = try programs.process(installation)
        for process in [killed, beside] { try RenewalPrograms.awaitReady(process) }
        async let first = RenewalPrograms.end(killed)
        if inTurn { _ = try await first }
        let second = try await RenewalPrograms.end(beside)
        _ = try await first
        let later = try programs.process(installation)
        try RenewalPrograms.awaitReady(later)
        let third = try await RenewalPrograms.end(later)
        let state = try await programs.family(family)
        let isLost = state.last == 1
        if !isLost {
            for (lines, status) in [second, third] {
                #expect(status == .exited(0), "\(family) \(fault)")
                #expect(Set(lines) == ["ok access-\(family)-1"], "\(family) \(fault): \(lines)")
            }
            #expect(try programs.tokens(installation) == ["fake-\(family)-1"], "\(family) \(fault)")
            try expectNothingLeft(installation)
        }
        return !isLost
    }

    /// Nobody holds a lock, and no token is anywhere but in the stores.
    private func expectNothingLeft(_ installation: Installation) throws {
        try BlockingContext.permit {
            let locks = try Directory.list("\(installation.state)/locks/oauth-refresh")
            // What a killed process was about to make into a lock holds nobody up; the next one who locks clears it away.
            #expect(locks.count { $0.name.hasSuffix(".tmp") } <= 1)
            for entry in locks where !entry.name.hasSuffix(".tmp") {
                let note = installation.read("locks/oauth-refresh/\(entry.name)")
                #expect(LockNote(parsing: Array(note.utf8)).isHolderAlive == false, "\(note)")
            }
            for entry in try Directory.list("\(installation.state)/alula/renewals") {
                #expect(!installation.read("alula/renewals/\(entry.name)").contains("fake-"), "\(entry.name)")
            }
        }
    }

    private static func number(_ variable: String) -> Int? { getenv(variable).flatMap { Int(String(cString: $0)) } }
}
