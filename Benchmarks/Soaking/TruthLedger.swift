package import AlulaFaults
package import AlulaFleet
package import AlulaMeasuring

/// What is true about the providers of a fleet, and since when an answer has to know it.
///
/// Everything that happens on the machine goes through here. A change makes the providers that it concerns *open* for a
/// while: from before it is begun until its grace is over, either answer is right. All others have to be answered exactly
/// as they are.
package struct TruthLedger: Sendable {
    /// A change that was begun and not finished yet.
    package struct Change: Sendable {
        fileprivate let id: Int
    }

    /// A time during which some providers may be answered either way.
    private struct Window {
        let id: Int
        /// By the agent's place; `nil` stands for all agents.
        let providers: [Int?: Set<String>]
        let isFault: Bool
        let begin: MonotonicTime
        /// `nil` while nobody knows.
        var end: MonotonicTime?
        /// Over after a fault that nothing gets through, and then so many milliseconds later.
        var graceAfterFault: Double?
    }

    private let fleet: Fleet
    /// Who can answer when nothing is broken.
    package private(set) var truth: FleetTruth
    private var broken: Set<FleetTruth.Source> = []
    private var windows: [Window] = []
    private var lastID = 0
    /// Whether something is broken that no edit gets through.
    private var isDeaf = false

    package init(_ fleet: Fleet) {
        self.fleet = fleet
        truth = FleetTruth(fleet)
    }

    // MARK: Changes

    /// Somebody is about to change what is true.
    ///
    /// - Parameter body: Makes `truth` what it will be.
    package mutating func begin(at now: MonotonicTime = .now, _ body: (inout FleetTruth) -> Void) -> Change {
        var changed = truth
        body(&changed)
        let concerned = difference(truth, broken, changed, broken)
        truth = changed
        return open(concerned, isFault: false, at: now)
    }

    /// The change has been made: from `milliseconds` later on, answers have to know it.
    package mutating func settle(_ change: Change, within milliseconds: Double, at now: MonotonicTime = .now) {
        guard let place = windows.firstIndex(where: { $0.id == change.id }) else { return }
        if isDeaf {
            windows[place].graceAfterFault = milliseconds
        } else {
            windows[place].end = now.advanced(byMilliseconds: milliseconds)
        }
    }

    // MARK: Faults

    /// A fault with `effect` is about to come.
    package mutating func breakDown(_ effect: FaultEffect, at now: MonotonicTime = .now) {
        let concerned = difference(truth, broken, truth, broken.union(effect.broken))
        broken.formUnion(effect.broken)
        let shown = open(concerned, isFault: true, at: now)
        if effect.isShown { settle(shown, within: effect.graceMilliseconds, at: now) }
        var open = Dictionary(uniqueKeysWithValues: effect.open.map { (Optional($0.key), $0.value) })
        if !effect.openForAll.isEmpty { open[nil] = effect.openForAll }
        _ = self.open(open, isFault: true, at: now)
        isDeaf = !effect.isShown || !effect.letsEditsThrough
        guard isDeaf else { return }
        // What was edited a moment ago does not get through any more either.
        for place in windows.indices where !windows[place].isFault {
            guard let end = windows[place].end, end > now else { continue }
            windows[place].graceAfterFault = end.milliseconds(since: windows[place].begin)
            windows[place].end = nil
        }
    }

    /// The fault is being mended. What it concerned is open until ``recover(at:)``.
    package mutating func mend(at now: MonotonicTime = .now) {
        let concerned = difference(truth, broken, truth, [])
        broken = []
        _ = open(concerned, isFault: true, at: now)
    }

    /// The answers were right again after a fault.
    package mutating func recover(at now: MonotonicTime = .now) {
        isDeaf = false
        for place in windows.indices {
            if windows[place].isFault {
                windows[place].end = now
            } else if let grace = windows[place].graceAfterFault {
                windows[place].end = now.advanced(byMilliseconds: grace)
                windows[place].graceAfterFault = nil
            }
        }
    }

    // MARK: Answers

    /// What an answer that was just read has to say about the agent at `index`.
    ///
    /// - Parameters:
    ///   - asked: When it was asked for. Whatever was open since then may be answered either way.
    ///   - excusesFaults: `false` to see whether a fault is over: then what it concerned has to be right again.
    package func expectation(
        for index: Int, asked: MonotonicTime, excusesFaults: Bool = true
    ) -> Expectation {
        let available = truth.available(for: index, without: broken)
        var open: Set<String> = []
        for window in windows where excusesFaults || !window.isFault {
            guard window.end.map({ $0 >= asked }) ?? true else { continue }
            open.formUnion(window.providers[index] ?? [])
            open.formUnion(window.providers[nil] ?? [])
        }
        return Expectation(required: available.subtracting(open), allowed: available.union(open))
    }

    /// Forgets what no answer asked for at `instant` or later can be about.
    package mutating func forget(before instant: MonotonicTime) {
        windows.removeAll { $0.end.map { $0 < instant } ?? false }
    }

    private mutating func open(_ providers: [Int?: Set<String>], isFault: Bool, at now: MonotonicTime) -> Change {
        lastID += 1
        if !providers.isEmpty {
            windows.append(Window(id: lastID, providers: providers, isFault: isFault, begin: now, end: nil))
        }
        return Change(id: lastID)
    }

    /// What differs between two states, for each agent.
    private func difference(
        _ before: FleetTruth, _ brokenBefore: Set<FleetTruth.Source>,
        _ after: FleetTruth, _ brokenAfter: Set<FleetTruth.Source>
    ) -> [Int?: Set<String>] {
        var found: [Int?: Set<String>] = [:]
        for index in 0..<fleet.agentCount {
            let changed = before.available(for: index, without: brokenBefore)
                .symmetricDifference(after.available(for: index, without: brokenAfter))
            if !changed.isEmpty { found[index] = changed }
        }
        return found
    }
}
