import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Every durable write of the product meets a kill before each of its calls, a full disk, broken flushes, short writes and
/// kills at random instants. Afterwards the last good content or the new one is there, and life goes on.
@Suite(.serialized)
struct CrashTests {
    static let writes =
        DurableWrite.configurationWrites + DurableWrite.credentialWrites + DurableWrite.deviceWrites
        + DurableWrite.keyWrites + DurableWrite.serviceWrites + DurableWrite.gatewayWrites

    /// How many installations are tried at once.
    private static let width = 3

    @Test(arguments: writes)
    func aKillBeforeAnyCallLosesNothing(_ write: DurableWrite) async throws {
        let reference = try await CrashReference.of(write)
        try #require(reference.run.changes > 0)
        let ends = try await meet(reference, (1...reference.run.changes).map { .killedBefore($0) }, .killedAtACall)
        // A gateway does several things at once, so its last calls are not the same each time.
        let killed = ends.count { $0.status == .signalled(SIGKILL) }
        #expect(killed * 10 >= ends.count * (write.program == .gateway ? 8 : 10))
    }

    @Test(arguments: writes)
    func aFullDiskOrABrokenFlushLosesNothing(_ write: DurableWrite) async throws {
        let reference = try await CrashReference.of(write)
        _ = try await meet(reference, numbers(reference.run.writes).map { .fullDisk(fromWrite: $0) }, .fullDisk)
        _ = try await meet(reference, numbers(reference.run.flushes).map { .brokenFlush($0) }, .brokenFlush)
    }

    @Test(arguments: writes)
    func aShortWriteIsFinished(_ write: DurableWrite) async throws {
        let reference = try await CrashReference.of(write)
        let ends = try await meet(reference, numbers(reference.run.writes).map { .shortWrite($0) }, .shortWrite)
        #expect(ends.allSatisfy { $0.status == .exited(0) })
    }

    @Test(arguments: writes)
    func whatIsDoneSurvivesALossOfPower(_ write: DurableWrite) async throws {
        let reference = try await CrashReference.of(write)
        let rule = PowerLossRule(reference.run.trace)
        CrashTally.add(.powerLoss, write, losses: rule.violations)
        CrashTally.save()
        #expect(rule.violations == [])
    }

    /// `CRASH_ROUNDS` says how often, and `CRASH_SEED` chooses other instants.
    @Test func aKillAtARandomInstantLosesNothing() async throws {
        let rounds = Self.number("CRASH_ROUNDS") ?? 60
        let seed = Self.number("CRASH_SEED").map { UInt64($0) } ?? 86_281
        print("CrashTests.aKillAtARandomInstantLosesNothing: \(rounds) rounds, seed \(seed)")
        var random = SeededNumbers(seed)
        var (done, unfinished) = (0, 0)
        while done < rounds {
            let write = Self.writes.filter { $0.program != .gateway || done % 10 == 0 }.randomElement(using: &random)
            let chosen = try #require(write)
            let reference = try await CrashReference.of(chosen)
            // Every change takes some tens of microseconds, a flush more, and a gateway's come in groups.
            let longest = reference.run.changes * (chosen.program == .gateway ? 8_000_000 : 150_000)
            let faults = (0..<min(Self.width, rounds - done)).map { _ in
                Fault.killedAfter(nanoseconds: .random(in: 0..<longest, using: &random))
            }
            let ends = try await meet(reference, faults, .killedAtRandom, "seed \(seed), round \(done)")
            done += ends.count
            unfinished += ends.count { $0.status == .signalled(SIGKILL) }
        }
        print("Of \(done) writes \(unfinished) were killed before their end.")
        #expect(unfinished > 0)
    }

    // MARK: Rounds

    private func numbers(_ count: Int) -> [Int] { Array(1..<(count + 1)) }

    /// Lets each fault happen to the write; answers how the program ended each time.
    private func meet(
        _ reference: CrashReference, _ faults: [Fault], _ kind: CrashTally.Kind, _ place: String = ""
    ) async throws -> [WatchedRun] {
        try await withThrowingTaskGroup(of: WatchedRun.self) { group in
            var ends: [WatchedRun] = []
            for (index, fault) in faults.enumerated() {
                if index >= Self.width, let end = try await group.next() { ends.append(end) }
                group.addTask {
                    let (run, losses) = try await reference.meet(fault, withOutsideEdit: index % 2 == 1)
                    CrashTally.add(kind, reference.write, losses: losses)
                    #expect(losses == [], "\(reference.write.name), \(fault) \(place)")
                    return run
                }
            }
            for try await end in group { ends.append(end) }
            CrashTally.save()
            return ends
        }
    }

    private static func number(_ variable: String) -> Int? { getenv(variable).flatMap { Int(String(cString: $0)) } }
}
