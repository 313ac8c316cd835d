package import AlulaJSON

/// What became of a gateway in a soak.
package struct SoakOutcome: Sendable {
    package let seed: UInt64
    package let seconds: Int
    package let agents: Int
    package let processors: Int
    /// `release` or `debug`.
    package let build: String
    package let tally: SoakTally
    /// The faults that were to come.
    package let faultIDs: [String]
    package let memory: MemoryVerdict
    /// At rest after the warm-up, and at the end.
    package let baseline: SoakSample
    package let end: SoakSample
    /// Under load after the warm-up, about one each second.
    package let load: [SoakSample]
    /// What is held at the end and was not after the warm-up, or the other way round.
    package let leaks: [String]
    /// From the end of a fault to answers that are whole, at worst.
    package let slowestRecoveryMilliseconds: Double
    /// What else went wrong: a crash, processes left behind, an end by force.
    package let others: [String]

    package init(
        seed: UInt64, seconds: Int, agents: Int, processors: Int, build: String, tally: SoakTally, faultIDs: [String],
        baseline: SoakSample, end: SoakSample, load: [SoakSample], leaks: [String],
        slowestRecoveryMilliseconds: Double, others: [String]
    ) {
        self.seed = seed
        self.seconds = seconds
        self.agents = agents
        self.processors = processors
        self.build = build
        self.tally = tally
        self.faultIDs = faultIDs
        memory = MemoryVerdict(load: load, baseline: baseline, end: end)
        self.baseline = baseline
        self.end = end
        self.load = load
        self.leaks = leaks
        self.slowestRecoveryMilliseconds = slowestRecoveryMilliseconds
        self.others = others
    }

    /// Everything that is wrong; nothing when the gateway came through.
    package var problems: [String] {
        var texts = tally.findings.map(\.text)
        if tally.amissCount > tally.findings.count {
            texts.append("and \(tally.amissCount - tally.findings.count) more answers that were not right")
        }
        texts += memory.problems + leaks.map { "left behind: \($0)" } + others
        texts += tally.missing(faultIDs: faultIDs).map { "it never came to this: \($0)" }
        return texts
    }

    package var isSound: Bool { problems.isEmpty }

    // MARK: For people

    /// The outcome in few lines.
    package var text: String { rows.map { "\($0.0): \($0.1)" }.joined(separator: "\n") }

    /// A page about it.
    package var page: String {
        let activities = SoakActivity.allCases.map { "| \($0.rawValue) | \(tally.counts[$0] ?? 0) |" }
        let faults = faultIDs.sorted().map { "| fault `\($0)` | \(tally.faults[$0] ?? 0) |" }
        let lines =
            [
                "# Soak", "",
                "Written by `SOAK_SEED=\(seed) make soak`, on a machine with \(processors) processors, which gateway and clients "
                    + "share; \(build) build, \(agents) agents.", "", "| | |", "|---|--:|",
            ] + rows.map { "| \($0.0) | \($0.1) |" } + ["", "| what happened | times |", "|---|--:|"] + activities
            + faults
            + (problems.isEmpty ? [] : ["", "What was wrong:", ""] + problems.map { "- \($0)" })
        return lines.joined(separator: "\n") + "\n"
    }

    private var rows: [(String, String)] {
        let slope = memory.slopeKilobytesPerSecond.map { "\(Self.shown($0)) kB/s" } ?? "–"
        return [
            ("load", "\(seconds) s"), ("connections", "\(tally.connections)"),
            ("answers compared with what is true", "\(tally.judged)"),
            ("wrong", "\(tally.amiss[.wrong] ?? 0)"), ("lost", "\(tally.amiss[.lost] ?? 0)"),
            ("refused", "\(tally.amiss[.refused] ?? 0)"),
            ("faults that came and were mended", "\(tally.faults.values.reduce(0, +))"),
            ("answers whole again after a fault, at worst", "\(Int(slowestRecoveryMilliseconds)) ms"),
            (
                "private memory at rest, after the warm-up → at the end",
                "\(Self.megabytes(baseline.privateKilobytes)) → \(Self.megabytes(end.privateKilobytes)) MB"
            ),
            ("growth allowed", "\(Int(memory.growthBound)) kB"),
            ("slope under load, second half (allowed)", "\(slope) (\(Self.shown(memory.slopeBound)) kB/s)"),
            ("least leak that this run finds", "\(Self.shown(memory.leastLeakBytes)) bytes a connection"),
            ("descriptors at rest", "\(baseline.descriptors) → \(end.descriptors)"),
            ("threads at rest", "\(baseline.threads) → \(end.threads)"),
            ("children at rest", "\(baseline.children) → \(end.children)"),
            ("watches at rest", "\(baseline.watches) → \(end.watches)"),
            (
                "under load, at most",
                "\(load.map(\.descriptors).max() ?? 0) descriptors, \(load.map(\.threads).max() ?? 0) threads, "
                    + "\(load.map(\.children).max() ?? 0) children, "
                    + "\(Self.megabytes(load.map(\.privateKilobytes).max() ?? 0)) MB"
            ),
        ]
    }

    private static func megabytes(_ kilobytes: Int) -> String { shown(Double(kilobytes) / 1024) }
    private static func shown(_ value: Double) -> String {
        value.isFinite ? "\((value * 10).rounded() / 10)" : "–"
    }

    // MARK: For programs

    package var document: JSONValue {
        func sample(_ sample: SoakSample) -> JSONValue {
            [
                "seconds": .number((sample.seconds * 10).rounded() / 10),
                "privateKilobytes": .number(sample.privateKilobytes),
                "residentKilobytes": .number(sample.residentKilobytes), "descriptors": .number(sample.descriptors),
                "sockets": .number(sample.sockets), "threads": .number(sample.threads),
                "children": .number(sample.children), "watches": .number(sample.watches),
                "connections": .number(sample.connections),
            ]
        }
        func counts(_ pairs: [(String, Int)]) -> JSONValue { .object(JSONObject(pairs.map { ($0.0, .number($0.1)) })) }
        return [
            "seed": .number(Int64(clamping: seed)), "seconds": .number(seconds), "agents": .number(agents),
            "processors": .number(processors), "build": .string(build), "sound": .bool(isSound),
            "connections": .number(tally.connections), "judged": .number(tally.judged),
            "wrong": .number(tally.amiss[.wrong] ?? 0), "lost": .number(tally.amiss[.lost] ?? 0),
            "refused": .number(tally.amiss[.refused] ?? 0),
            "activities": counts(SoakActivity.allCases.map { ($0.rawValue, tally.counts[$0] ?? 0) }),
            "faults": counts(faultIDs.sorted().map { ($0, tally.faults[$0] ?? 0) }),
            "recoveryWorstMs": .number(slowestRecoveryMilliseconds.rounded()),
            "baseline": sample(baseline), "end": sample(end),
            // Enough to draw a line.
            "load": .array(load.enumerated().filter { $0.offset.isMultiple(of: 10) }.map { sample($0.element) }),
            "growthKilobytes": .number(memory.growthKilobytes), "growthBoundKilobytes": .number(memory.growthBound),
            "slopeKilobytesPerSecond": memory.slopeKilobytesPerSecond.map { .number($0) } ?? .null,
            "slopeBoundKilobytesPerSecond": memory.slopeBound.isFinite ? .number(memory.slopeBound) : .null,
            "problems": .array(problems.map { .string($0) }),
        ]
    }
}
