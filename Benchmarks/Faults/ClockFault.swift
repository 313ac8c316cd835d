import AlulaFleet
import AlulaJSON
import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The wall clock is set, ahead and back. A window of one agent ends by it and begins again.
package final class ClockFault: Fault {
    private static let agent = 11
    private static let provider = "nvidia"
    private static let hour: Int64 = 3_600_000_000_000
    /// By how much the clock is ahead, in turn, in nanoseconds; and whether the agent's window holds then. `nil` where
    /// it would be longer than any window, and may be believed or not.
    private static let settings: [(ahead: Int64, holds: Bool?)] = [
        (2 * hour, false), (-24 * hour, nil), (hour / 2, true), (72 * hour, false), (0, true),
    ]
    /// What a set clock may take to show.
    private static let grace = 2500.0

    package let id = "clock"
    package let title = "the clock set ahead and back"
    // What the Codex CLI left counts for an hour from when it was written.
    package private(set) var effect = FaultEffect(openForAll: ["codex"], keptStores: [agent])
    package var milliseconds: Double { stay * Double(Self.settings.count) }

    private let stay = 4000.0
    private var place = -1
    private var next = MonotonicTime.now
    private var settled: MonotonicTime?

    package init() {}

    package func prepare(_ scene: Scene) throws {
        scene.preload()
        scene.environment["CHAOS_CLOCK"] = scene.file("clock")
        try setClock(0, scene)
        try scene.fleet.setKey(of: Self.provider, agent: Self.agent, isPresent: true)
        guard var usage = scene.fleet.usageDocument(Self.agent).object, var stats = usage["usageStats"]?.object else {
            return
        }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let milliseconds = Int64(now.tv_sec) * 1000
        stats["\(Self.provider):default"] = [
            "cooldownUntil": .number(milliseconds + 3_600_000), "cooldownReason": "rate_limit", "errorCount": 1,
            "failureCounts": ["rate_limit": 1], "lastFailureAt": .number(milliseconds - 1000),
        ]
        usage["usageStats"] = .object(stats)
        let directory = scene.fleet.directory(of: Fleet.agent(Self.agent))
        try TextFile.write(JSONValue.object(usage).text(), to: "\(directory)/auth-state.json")
    }

    package func inject(_ scene: Scene) throws {
        place = -1
        next = .now
        try tick(scene)
    }

    package func tick(_ scene: Scene) throws {
        if next <= .now, place + 1 < Self.settings.count {
            place += 1
            next = .now.advanced(byMilliseconds: stay)
            settled = .now.advanced(byMilliseconds: Self.grace)
            effect.open[Self.agent] = [Self.provider]
            try setClock(Self.settings[place].ahead, scene)
        }
        guard let settled, settled <= .now, let holds = Self.settings[max(0, place)].holds else { return }
        self.settled = nil
        effect.open[Self.agent] = []
        scene.truth.added[Self.agent] = holds ? [] : [Self.provider]
    }

    package func lift(_ scene: Scene) throws {
        try setClock(0, scene)
        scene.truth.added[Self.agent] = []
    }

    /// The same file is written over, since the gateway has it in its memory.
    private func setClock(_ ahead: Int64, _ scene: Scene) throws {
        let path = scene.file("clock")
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BenchmarkError(.systemCall, "\(path) can't be made (errno \(errno)).") }
        defer { close(descriptor) }
        var value = ahead
        guard pwrite(descriptor, &value, MemoryLayout<Int64>.size, 0) == MemoryLayout<Int64>.size else {
            throw BenchmarkError(.systemCall, "\(path) can't be written (errno \(errno)).")
        }
    }
}
