import AlulaSoaking
import Testing

struct MemoryVerdictTests {
    /// What a small object with a buffer takes.
    private static let kilobyte = 1024.0

    /// A run of some minutes without any leak, as an allocator looks from outside: a sawtooth, bursts that last for
    /// seconds, and steps that stay because a page is kept.
    private struct Run {
        var seconds = 570
        /// Connections each second.
        var rate = 120
        var leakBytes = 0.0
        /// Memory that a queue holds while there is load, for each connection so far.
        var queuedBytes = 0.0
        var seed: UInt64 = 1

        var verdict: MemoryVerdict {
            var dice = SoakDice(seed: seed)
            var kept = 12_000.0
            var burst = 0
            let load = (0..<seconds).map { second in
                let connections = second * rate
                if dice.chance(1) { burst = Int.random(in: 1...6, using: &dice) }
                // What is kept gets rarer, as in a heap that has seen most of what there is.
                if dice.chance(4), second < seconds / 3 { kept += Double.random(in: 0...200, using: &dice) }
                burst -= 1
                let sawtooth = Double(second % 17) * 60 + Double.random(in: -150...150, using: &dice)
                let leaked = Double(connections) * (leakBytes + queuedBytes) / 1024
                return sample(second, kept + sawtooth + leaked + (burst > 0 ? 9000 : 0), connections)
            }
            let connections = seconds * rate
            let rest = kept + Double.random(in: 0...800, using: &dice) + Double(connections) * leakBytes / 1024
            return MemoryVerdict(
                load: load, baseline: sample(0, 12_000, 0), end: sample(seconds + 10, rest, connections))
        }

        private func sample(_ second: Int, _ kilobytes: Double, _ connections: Int) -> SoakSample {
            SoakSample(
                seconds: Double(second), privateKilobytes: Int(kilobytes), residentKilobytes: Int(kilobytes) + 30_000,
                descriptors: 40, sockets: 8, threads: 20, children: 0, watches: 70, connections: connections)
        }
    }

    @Test(arguments: 1...20) func takesAnAllocatorsNoiseForWhatItIs(seed: Int) {
        let verdict = Run(seed: UInt64(seed)).verdict
        #expect(verdict.problems.isEmpty)
        #expect(verdict.leastLeakBytes < Self.kilobyte)
    }

    @Test(arguments: 1...20) func findsAKilobyteThatEachConnectionLeavesBehind(seed: Int) {
        let verdict = Run(leakBytes: Self.kilobyte, seed: UInt64(seed)).verdict
        // At rest and under load, each by itself.
        #expect(verdict.problems.count == 2)
    }

    @Test func findsWhatIsHeldOnlyAsLongAsThereIsLoad() throws {
        let verdict = Run(queuedBytes: Self.kilobyte).verdict
        #expect(verdict.growthKilobytes < verdict.growthBound)
        let problem = try #require(verdict.problems.first)
        #expect(problem.contains("under load"))
    }

    @Test func saysWhatAShortRunCouldNotHaveFound() {
        let short = Run(seconds: 45, rate: 30).verdict
        #expect(short.problems.isEmpty)
        #expect(short.leastLeakBytes > 5 * Self.kilobyte)
        // And finds what is as large as it says.
        let leaking = Run(seconds: 45, rate: 30, leakBytes: short.leastLeakBytes * 1.1).verdict
        #expect(!leaking.problems.isEmpty)
    }

    @Test func saysNothingAboutASlopeOfTooFewSamples() {
        let verdict = Run(seconds: 12).verdict
        #expect(verdict.slopeKilobytesPerSecond == nil)
        #expect(verdict.problems.isEmpty)
    }
}
