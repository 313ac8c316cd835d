import AlulaFaults
import AlulaFleet
import AlulaMeasuring

/// Another program that gives an agent a key and takes it away, again and again, and looks when that is answered.
struct OutsideEditor {
    /// A provider that nothing else in a fleet is for.
    static let provider = "nvidia"
    /// After this an edit counts as unseen.
    private static let patience = Patience.editMilliseconds
    private static let pause = 200.0
    /// Different ways to an answer may differ for as long as a busy machine may take for an edit.
    private static let promise = 2000.0

    private let agent: Int
    private var isPresent = false
    private var editedAt: MonotonicTime?
    private var isSeen = false
    private var next = MonotonicTime.now
    /// From each edit to the answer that shows it, in milliseconds.
    private(set) var latencies: [Double] = []

    init(agent: Int) { self.agent = agent }

    /// Edits when it is time, or looks whether the last edit is answered.
    ///
    /// - Parameter mustShow: Whether an edit that is not answered in time counts as a wrong answer.
    mutating func step(
        _ scene: Scene, judge: Judge, expectations: inout Expectations, mustShow: Bool
    ) throws {
        if let since = editedAt {
            if isSeen {
                // Where nothing can be gathered, an answer read for one caller may be newer than the prepared one.
                if mustShow, MonotonicTime.now.milliseconds(since: since) > Self.promise { settle(&expectations) }
            } else if judge.isAvailable(Self.provider, for: agent) == isPresent {
                if mustShow { latencies.append(MonotonicTime.now.milliseconds(since: since)) }
                isSeen = true
            } else if mustShow, MonotonicTime.now.milliseconds(since: since) > Self.patience {
                judge.addWrong("an edit of a store was not answered within \(Int(Self.patience)) ms")
                latencies.append(MonotonicTime.now.milliseconds(since: since))
                settle(&expectations)
            }
        } else if next <= .now {
            isPresent.toggle()
            expectations.moving[agent] = [Self.provider]
            try scene.fleet.setKey(of: Self.provider, agent: agent, isPresent: isPresent)
            editedAt = .now
            scene.truth.added[agent] = isPresent ? [Self.provider] : []
        }
    }

    /// Whatever was edited has to be right from now on.
    mutating func settle(_ expectations: inout Expectations) {
        expectations.moving[agent] = nil
        editedAt = nil
        isSeen = false
        next = .now.advanced(byMilliseconds: Self.pause)
    }
}
