import AlulaFaults
import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaSoaking

/// Parts of the machine that break and are mended, one after the other, in an order that chance chooses.
final class FaultLane: SoakLane {
    private enum State {
        case sound(until: MonotonicTime)
        case broken(any Fault, until: MonotonicTime)
        case mending(any Fault, since: MonotonicTime)
    }

    /// How long the machine is in order between two faults.
    private static let pause = 1500.0
    private static let probeEvery = 200.0
    /// What the canary's store is given a key for.
    private static let provider = "nvidia"
    private static let nudgeEvery = 1000.0

    private let faults: [any Fault]
    private let stay: Double
    private var dice: SoakDice
    /// Those that are still to come in this round.
    private var left: [any Fault] = []
    private var state = State.sound(until: .now.advanced(byMilliseconds: 1000))
    private var nextProbe = MonotonicTime.now
    private var nextNudge = MonotonicTime.now
    /// What the answers about watched agents said while a fault is being mended; `nil` while some are missing.
    private var probe: Probe?
    /// Whether the gateway has been asked to look at everything again since, and has answered.
    private var hasReloaded = false
    /// From the end of each fault to answers that are whole, at worst, in milliseconds.
    private(set) var slowestRecovery = 0.0
    /// Whether the canary's store has a key.
    private var canaryHasKey = false
    /// What went wrong beside the answers.
    private(set) var problems: [String] = []

    /// What a look at the watched agents has shown so far.
    private final class Probe {
        var left: Int
        var isRight = true
        let end: MonotonicTime
        init(left: Int, patience: Double) {
            self.left = left
            end = .now.advanced(byMilliseconds: 2 * patience)
        }
    }

    /// - Parameter stay: How long each fault stays at least, in milliseconds.
    init(_ faults: [any Fault], stay: Double, seed: UInt64) {
        self.faults = faults
        self.stay = stay
        dice = SoakDice(seed: seed, part: "faults")
    }

    func step(_ stage: SoakStage) throws {
        if case .sound(let end) = state {
            if end <= .now { try breakSomething(stage) }
        } else {
            _ = try goOn(stage)
        }
    }

    func finish(_ stage: SoakStage) throws -> Bool {
        if case .broken(let fault, _) = state { try mend(fault, stage) }
        return try goOn(stage)
    }

    /// - Returns: Whether the machine is in order.
    private func goOn(_ stage: SoakStage) throws -> Bool {
        switch state {
        case .sound: return true
        case .broken(let fault, let end):
            try fault.tick(stage.scene)
            if end <= .now { try mend(fault, stage) }
        case .mending(let fault, let since): try look(fault, since, stage)
        }
        return false
    }

    private func breakSomething(_ stage: SoakStage) throws {
        if left.isEmpty { left = faults.shuffled(using: &dice) }
        let place = left.count - 1
        let fault = left[place]
        if fault is ConfigurationFIFOFault {
            guard stage.configurationMayBeSpoiled else { return }
            stage.configurationIsSpoiled()
        }
        left.remove(at: place)
        stage.faultBegins(fault.id)
        stage.ledger.breakDown(fault.effect)
        try fault.inject(stage.scene)
        // Long enough to see that what has to show does.
        let whole = max(stay, fault.effect.isShown ? fault.effect.graceMilliseconds + 1000 : 0)
        state = .broken(fault, until: .now.advanced(byMilliseconds: whole))
    }

    private func mend(_ fault: any Fault, _ stage: SoakStage) throws {
        stage.ledger.mend()
        try fault.lift(stage.scene)
        if fault is ConfigurationFIFOFault { stage.configurationIsMended() }
        state = .mending(fault, since: .now)
        // Answers that were right all the while say nothing about whether it is over: the worker that was stopped is still
        // waited for. An edit that gets through does.
        canaryHasKey.toggle()
        let (canary, hasKey) = (stage.cast.canary, canaryHasKey)
        let change = stage.ledger.begin { $0.added[canary] = hasKey ? [Self.provider] : [] }
        try stage.scene.fleet.setKey(of: Self.provider, agent: canary, isPresent: hasKey)
        stage.ledger.settle(change, within: Patience.editMilliseconds)
        nextProbe = .now
        nextNudge = .now.advanced(byMilliseconds: Self.nudgeEvery)
        probe = nil
        hasReloaded = false
    }

    /// Looks whether the answers are whole again.
    private func look(_ fault: any Fault, _ since: MonotonicTime, _ stage: SoakStage) throws {
        let patience = Patience.recoveryMilliseconds
        if let probe, probe.left == 0 {
            self.probe = nil
            if probe.isRight {
                slowestRecovery = max(slowestRecovery, MonotonicTime.now.milliseconds(since: since))
                return isSound(fault, stage)
            }
        }
        if MonotonicTime.now.milliseconds(since: since) > patience {
            problems.append("after \(fault.id) the answers did not get whole again within \(Int(patience / 1000)) s")
            return isSound(fault, stage)
        }
        if nextNudge <= .now {
            nextNudge = .now.advanced(byMilliseconds: Self.nudgeEvery)
            try fault.nudge(stage.scene)
        }
        // A look without an answer was counted as lost, and is taken again.
        if let probe, probe.end < .now { self.probe = nil }
        guard probe == nil, nextProbe <= .now else { return }
        nextProbe = .now.advanced(byMilliseconds: Self.probeEvery)
        if hasReloaded { try startProbe(stage) } else { try reload(stage) }
    }

    private func isSound(_ fault: any Fault, _ stage: SoakStage) {
        stage.ledger.recover()
        stage.tally.count(fault: fault.id)
        stage.faultIsOver(fault.id)
        state = .sound(until: .now.advanced(byMilliseconds: Self.pause))
    }

    /// A helper that was asked while it hung is waited for still, and its failure would come after all seemed right.
    private func reload(_ stage: SoakStage) throws {
        let probe = Probe(left: 1, patience: Patience.changeMilliseconds)
        // It says nothing about the answers yet.
        probe.isRight = false
        self.probe = probe
        let question = SoakQuestion(method: "secrets.reload", patience: Patience.changeMilliseconds) { [self] _ in
            hasReloaded = true
            probe.left = 0
        }
        stage.add(try SoakVisit("the one who mended", port: stage.scene.fleet.port, questions: [question]))
    }

    private func startProbe(_ stage: SoakStage) throws {
        // Nobody edits these, so what is not right about them is the fault's.
        let agents = [1, 3, stage.cast.victim, stage.cast.agentCount - 1]
        let probe = Probe(left: agents.count + 1, patience: Patience.answerMilliseconds)
        self.probe = probe
        let asked = MonotonicTime.now
        let (canary, hasKey) = (stage.cast.canary, canaryHasKey)
        var questions = agents.map { agent in
            SoakQuestion.providers("models.status", of: agent) { payload in
                let expectation = stage.ledger.expectation(for: agent, asked: asked, excusesFaults: false)
                let problem = ProviderAnswer(payload, of: "models.status").problem(against: expectation)
                if problem != nil { probe.isRight = false }
                probe.left -= 1
            }
        }
        questions.append(
            .providers("models.status", of: canary) { payload in
                let answer = ProviderAnswer(payload, of: "models.status")
                if answer.providers[Self.provider] ?? false != hasKey { probe.isRight = false }
                probe.left -= 1
            })
        stage.add(try SoakVisit("the one who looks", port: stage.scene.fleet.port, questions: questions))
    }
}
