import AlulaFaults
import AlulaFleet
import AlulaMeasuring
import AlulaRunning

/// One fault on a fleet of its own: the gateway is sound, then something breaks, then it is mended.
final class FaultRun {
    /// How long the answers may take to be whole at the start.
    private static let startPatience = 60_000.0
    /// How often the judge asks about an agent, in milliseconds.
    private static let judgeEvery = 60.0

    private let fault: any Fault
    private let scene: Scene
    private let settings: ChaosSettings
    private let judge: Judge
    private var expectations: Expectations
    private var editor: OutsideEditor
    private var outcome: FaultOutcome
    private var nextTouch = MonotonicTime.now
    private var nextQuestion = MonotonicTime.now
    private var turn = 0

    /// Blocks for as long as it takes. What goes wrong is in the outcome; only an interruption is thrown.
    static func run(_ fault: any Fault, settings: ChaosSettings) throws -> FaultOutcome {
        var outcome = FaultOutcome(fault)
        do {
            let fleet = Fleet(
                root: "\(settings.scratch)/alula-chaos-\(fault.id)",
                agentCount: fault.agentCount ?? settings.agentCount,
                fault: fault.fleetFault, port: try LoopbackSocket.freePort())
            fleet.remove()
            try fleet.write()
            let run = FaultRun(fault, scene: Scene(fleet: fleet, tools: settings.tools), settings: settings)
            defer { run.clearAway() }
            do {
                try run.perform()
                return run.outcome
            } catch {
                outcome = run.outcome
                throw error
            }
        } catch {
            let known = error as? BenchmarkError
            if known?.code == .interrupted { throw error }
            outcome.failure = known?.message ?? "\(error)"
            outcome.isSkipped = known?.code == .notPossibleHere
            return outcome
        }
    }

    private init(_ fault: any Fault, scene: Scene, settings: ChaosSettings) {
        self.fault = fault
        self.scene = scene
        self.settings = settings
        judge = Judge(scene.fleet)
        expectations = Expectations(fault.effect)
        editor = OutsideEditor(agent: scene.editedAgent)
        outcome = FaultOutcome(fault)
    }

    private func perform() throws {
        try fault.prepare(scene)
        // Only now it is known what the fault touches, and by which means.
        expectations = Expectations(fault.effect)
        outcome.title = fault.title
        try scene.writeConfiguration()
        // First the prober, so that it sees the start from its beginning.
        let prober = try ProbeRun(
            binaries: settings.binaries, fleet: scene.fleet, place: scene.fleet.root,
            options: ["--for", "1000000", "--drain", "20000"])
        try scene.startServer()
        guard let server = scene.server else { return }
        _ = try server.waitUntilReady()
        guard try waitForWholeAnswers(patience: Self.startPatience) != nil else {
            throw BenchmarkError(.timedOut, "The answers never got whole: \(firstProblem() ?? "")")
        }
        try stay(milliseconds: 800)
        outcome.before = FaultOutcome.Footprint(of: server)
        try breakAndMend()
        try stay(milliseconds: 800)
        outcome.problems += fault.problems(scene)
        outcome.after = FaultOutcome.Footprint(of: server)
        outcome.peakMegabytes = ProcessTree.peakKilobytes(of: server.pid).map { Double($0) / 1024 }
        let p999 = try server.timerP999()
        prober.finish()
        outcome.samples = try prober.samples()
        finish(server)
        // A bucket ends beyond the worst that is in it.
        outcome.ownP999Milliseconds = p999.map { min($0, outcome.ownWorstMilliseconds ?? $0) }
    }

    private func breakAndMend() throws {
        try fault.inject(scene)
        expectations.phase = .broken
        expectations.brokenSince = .now
        try stay(milliseconds: settings.isQuick ? min(fault.milliseconds, 5000) : fault.milliseconds)
        try fault.lift(scene)
        let mended = MonotonicTime.now
        outcome.editLatencies = editor.latencies
        editor.settle(&expectations)
        expectations.phase = .after
        if let whole = try waitForWholeAnswers(patience: Patience.recoveryMilliseconds, isNudging: true) {
            outcome.recoveryMilliseconds = whole.milliseconds(since: mended)
        } else {
            outcome.problems.append("the answers did not get whole again: \(firstProblem() ?? "")")
        }
    }

    private func finish(_ server: RunningServer) {
        let told = server.lines(holding: WarmLogLine.marker).compactMap { WarmLogLine($0)?.worstLatenessMilliseconds }
        outcome.ownWorstMilliseconds = (outcome.samples.compactMap(\.loopDelay) + told).max()
        outcome.stopMilliseconds = scene.stopServer()
        if outcome.stopMilliseconds == nil { outcome.problems.append("it had to be killed at the end") }
        outcome.askedCount = judge.askedCount
        outcome.slowestAnswerMilliseconds = judge.slowestMilliseconds
        outcome.lostAnswers = judge.lostCount
        outcome.wrongAnswers = judge.wrongCount
        outcome.findings = judge.findings
    }

    private func clearAway() {
        _ = scene.stopServer()
        fault.end(scene)
        scene.mounts.removeAll()
        scene.fleet.remove()
    }

    /// Lets life go on for a while: stores are written, questions asked, the fault does what it does.
    private func stay(milliseconds: Double) throws {
        let end = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
        while MonotonicTime.now < end {
            try Interruption.check()
            let isBroken = expectations.phase == .broken
            if isBroken { try fault.tick(scene) }
            expectations.effect = fault.effect
            if nextTouch <= .now, let pause = fault.effect.touchEveryMilliseconds {
                nextTouch = .now.advanced(byMilliseconds: pause)
                try scene.touchStores(except: fault.effect.keptStores)
            }
            if isBroken, fault.effect.touchEveryMilliseconds != nil {
                try editor.step(
                    scene, judge: judge, expectations: &expectations, mustShow: fault.effect.letsEditsThrough)
            }
            if nextQuestion <= .now {
                nextQuestion = .now.advanced(byMilliseconds: Self.judgeEvery)
                let index = nextAgent()
                judge.check(
                    index, against: expectations.expectation(for: index, scene.truth),
                    phase: expectations.phase.rawValue)
            }
            guard scene.server?.isRunning == true else {
                throw BenchmarkError(.exitedEarly, "The gateway ended: \(scene.server?.output.suffix(600) ?? "")")
            }
            MonotonicTime.sleep(milliseconds: 5)
        }
    }

    /// Agents that a fault could touch, and some others.
    private var watchedAgents: [Int] {
        Set([0, 3, scene.editedAgent, scene.victim, scene.fleet.agentCount - 1])
            .union(fault.effect.open.keys).union(fault.effect.keptStores.prefix(4)).sorted()
    }

    private func nextAgent() -> Int {
        turn += 1
        let watched = watchedAgents
        if turn % 3 == 0 { return Int.random(in: 0..<scene.fleet.agentCount) }
        return watched[turn % watched.count]
    }

    /// Blocks until the answers for all watched agents are right.
    ///
    /// - Returns: When they were; `nil` when they did not get right in time.
    private func waitForWholeAnswers(patience: Double, isNudging: Bool = false) throws -> MonotonicTime? {
        let deadline = MonotonicTime.now.advanced(byMilliseconds: patience)
        var nextNudge = MonotonicTime.now.advanced(byMilliseconds: 1000)
        while MonotonicTime.now < deadline {
            try Interruption.check()
            if firstProblem() == nil { return .now }
            if isNudging, nextNudge <= .now {
                nextNudge = .now.advanced(byMilliseconds: 1000)
                try fault.nudge(scene)
            }
            MonotonicTime.sleep(milliseconds: 10)
        }
        return nil
    }

    private func firstProblem() -> String? {
        for index in watchedAgents {
            let expectation = expectations.expectation(for: index, scene.truth)
            if let problem = judge.problem(of: index, against: expectation, phase: expectations.phase.rawValue) {
                return "\(Fleet.agent(index)): \(problem)"
            }
        }
        return nil
    }
}
