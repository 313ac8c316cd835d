import AlulaFaults
import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaRunning
import AlulaSoaking

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A gateway on a fleet, a load, and a look at what it holds before and after.
final class SoakRun {
    /// How long the gateway may take to rest once nobody is there any more, and how long it has to have rested then.
    private static let restPatience = 30_000.0
    private static let restMilliseconds = 3000.0
    /// For whatever is under way when the load ends, a fault that is being mended included.
    private static let finishPatience = Patience.recoveryMilliseconds + 30_000
    private static let stopMilliseconds = 5000.0

    private let settings: SoakSettings
    private let stage: SoakStage
    private let console: ConsoleLog
    private let faults: [any Fault]
    private let faultLane: FaultLane
    private let lanes: [any SoakLane]
    private var progress: SoakProgress
    private var nextSample = MonotonicTime.now
    private var samples: [SoakSample] = []

    /// Blocks for as long as it takes.
    ///
    /// - Returns: Whether nothing was wrong, lost or left behind.
    static func run(_ settings: SoakSettings) throws -> Bool {
        let fleet = Fleet(
            root: "\(settings.scratch)/alula-soak", agentCount: settings.agentCount, fault: .helper,
            port: try LoopbackSocket.freePort())
        fleet.remove()
        try fleet.write()
        var isSound = false
        // Whoever wants to know what was wrong looks at what lies there, the log above all.
        defer { if isSound { fleet.remove() } }
        let run = try SoakRun(fleet, settings)
        defer { run.clearAway() }
        let outcome = try run.perform()
        isSound = outcome.isSound
        print(outcome.text)
        for problem in outcome.problems { print("PROBLEM: \(problem)") }
        print(outcome.isSound ? "sound" : "NOT SOUND; the order is the same with SOAK_SEED=\(settings.seed)")
        if !outcome.isSound { Progress.note("the last that it printed:\n\(run.console.last)", from: "soak") }
        if settings.isWhole { try write(outcome, settings) }
        return outcome.isSound
    }

    private init(_ fleet: Fleet, _ settings: SoakSettings) throws {
        self.settings = settings
        let tools = FaultTools(
            binaries: settings.binaries, saboteurs: settings.saboteurs, allowsMounts: false, allowsFUSE: false)
        let scene = Scene(fleet: fleet, tools: tools)
        console = try ConsoleLog(scene.file("console"))
        scene.output = (scene.file("console"), false)
        for key in ["level", "consoleLevel"] { scene.logging[key] = "debug" }
        faults = Self.faults(console, isWhole: settings.isWhole)
        for fault in faults { try fault.prepare(scene) }
        stage = SoakStage(scene: scene, settings: settings)
        faultLane = FaultLane(faults, stay: settings.isWhole ? 5000 : 2500, seed: settings.seed)
        lanes = [
            VisitLane(seed: settings.seed), ExchangeLane(seed: settings.seed), EditLane(seed: settings.seed),
            LoginLane(seed: settings.seed), faultLane,
        ]
        progress = SoakProgress(seconds: settings.seconds)
    }

    /// A minute has time for one of each kind.
    private static func faults(_ console: ConsoleLog, isWhole: Bool) -> [any Fault] {
        var faults: [any Fault] = [
            StoreFIFOFault(), ConfigurationFIFOFault(), HelperFault(.silent), WorkerFault(.kill), WorkerFault(.stop),
            HeldConsoleFault(console),
        ]
        guard isWhole else { return faults }
        faults += [LoginFIFOFault(), HelperFault(.stubborn), HelperFault(.forks), HelperFault(.flood)]
        faults += [WorkerFault(.garbage), WorkerFault(.half), WorkerFault(.unable)]
        return faults
    }

    private static let processors = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    private var pools: [String: Int] { Holdings.pools(processors: Self.processors) }

    // MARK: The run

    private func perform() throws -> SoakOutcome {
        Progress.note("SOAK_SEED=\(settings.seed), \(Int(settings.seconds)) s", from: "soak")
        try stage.scene.writeConfiguration()
        try stage.scene.startServer()
        guard let server = stage.scene.server else { throw BenchmarkError(.cannotStart, "There is no gateway.") }
        _ = try server.waitUntilReady()
        let watch = ProcessWatch(pid: server.pid)
        try waitUntilRight()
        try load(watch, until: settings.warmUpSeconds)
        try putInOrder()
        let (first, baseline) = try rest(watch, as: nil)
        samples = []
        let begun = stage.seconds
        try load(watch, until: begun + settings.seconds - settings.warmUpSeconds)
        let load = samples
        try putInOrder()
        try checkEverybody()
        let (last, end) = try rest(watch, as: first)
        let others = try stop(server)
        return SoakOutcome(
            seed: settings.seed, seconds: Int(settings.seconds), agents: settings.agentCount,
            processors: Self.processors, build: settings.build, tally: stage.tally,
            faultIDs: faults.map(\.id), baseline: baseline, end: end, load: load,
            leaks: last.differences(from: first, pools: pools), slowestRecoveryMilliseconds: faultLane.slowestRecovery,
            others: faultLane.problems + others)
    }

    private func load(_ watch: ProcessWatch, until second: Double) throws {
        while stage.seconds < second {
            for lane in lanes { try lane.step(stage) }
            if nextSample <= .now {
                nextSample = .now.advanced(byMilliseconds: 1000)
                guard let sample = watch.sample(seconds: stage.seconds, connections: stage.tally.connections) else {
                    continue
                }
                samples.append(sample)
                progress.show(sample, stage)
            }
            try live()
        }
    }

    /// One step of everybody's life.
    private func live() throws {
        try Interruption.check()
        console.read()
        guard stage.scene.server?.isRunning == true else {
            throw BenchmarkError(.exitedEarly, "The gateway ended. It printed: \(console.last)")
        }
        stage.letClientsGoOn(until: .now.advanced(byMilliseconds: 4))
        // Nobody waits for an answer as long as that.
        stage.ledger.forget(before: .now.advanced(byMilliseconds: -2 * Patience.changeMilliseconds))
    }

    /// Lets everything come to its end, and mends what is broken.
    private func putInOrder() throws {
        let deadline = MonotonicTime.now.advanced(byMilliseconds: Self.finishPatience)
        var isInOrder = false
        while !isInOrder {
            guard MonotonicTime.now < deadline else {
                throw BenchmarkError(.timedOut, "The load did not come to its end.")
            }
            // Each has to be asked, also when one before is not ready.
            isInOrder = try lanes.map { try $0.finish(stage) }.allSatisfy { $0 } && stage.clients.isEmpty
            try live()
        }
        stage.scene.dropClients()
    }

    /// Blocks until the gateway holds the same for a while, or until its patience is over.
    ///
    /// - Parameter baseline: What it has to hold.
    private func rest(_ watch: ProcessWatch, as baseline: Holdings?) throws -> (Holdings, SoakSample) {
        let deadline = MonotonicTime.now.advanced(byMilliseconds: Self.restPatience)
        var held = watch.holdings
        var since = MonotonicTime.now
        while MonotonicTime.now < deadline {
            try live()
            MonotonicTime.sleep(milliseconds: 200)
            let now = watch.holdings
            if !now.differences(from: held).isEmpty { since = .now }
            held = now
            let hasRested = MonotonicTime.now.milliseconds(since: since) >= Self.restMilliseconds
            if hasRested, baseline.map({ held.differences(from: $0, pools: pools).isEmpty }) ?? true { break }
        }
        guard let sample = watch.sample(seconds: stage.seconds, connections: stage.tally.connections) else {
            throw BenchmarkError(.exitedEarly, "The gateway is gone.")
        }
        return (held, sample)
    }

    // MARK: Everybody

    /// Blocks until the first answers are right.
    private func waitUntilRight() throws {
        let deadline = MonotonicTime.now.advanced(byMilliseconds: Patience.recoveryMilliseconds)
        while true {
            var problems: [String] = []
            try ask { _, problem in problem.map { problems.append($0) } }
            guard let problem = problems.first else { return }
            guard MonotonicTime.now < deadline else {
                throw BenchmarkError(.timedOut, "The answers never got right: \(problem)")
            }
        }
    }

    /// Compares the answers about every agent once more, when nothing has changed for long enough.
    private func checkEverybody() throws {
        let quiet = MonotonicTime.now.advanced(byMilliseconds: Patience.editMilliseconds)
        while MonotonicTime.now < quiet { try live() }
        try ask { agent, problem in
            self.stage.judged(problem, "at the end: models.status for \(Fleet.agent(agent))")
        }
    }

    private func ask(_ judge: @escaping (_ agent: Int, _ problem: String?) -> Void) throws {
        let asked = MonotonicTime.now
        let questions = (0..<settings.agentCount).map { agent in
            SoakQuestion.providers("models.status", of: agent) { [stage] payload in
                let expectation = stage.ledger.expectation(for: agent, asked: asked)
                judge(agent, ProviderAnswer(payload, of: "models.status").problem(against: expectation))
            }
        }
        stage.add(try SoakVisit("everybody's friend", port: stage.scene.fleet.port, questions: questions))
        while !stage.clients.isEmpty { try live() }
    }

    // MARK: The end

    /// - Returns: What was wrong about the end, and what was found after it.
    private func stop(_ server: RunningServer) throws -> [String] {
        var problems = faults.flatMap { $0.problems(stage.scene) }
        if let milliseconds = stage.scene.stopServer() {
            if milliseconds > Self.stopMilliseconds { problems.append("SIGTERM took \(Int(milliseconds)) ms") }
        } else {
            problems.append("it had to be killed at the end")
        }
        console.read()
        return problems + console.crashes.map { "it printed: \($0)" }
    }

    private func clearAway() {
        _ = stage.scene.stopServer()
        for fault in faults { fault.end(stage.scene) }
    }

    private static func write(_ outcome: SoakOutcome, _ settings: SoakSettings) throws {
        try TextFile.makeDirectory(settings.results)
        try TextFile.write(outcome.document.text(.pretty) + "\n", to: "\(settings.results)/soak.json", mode: 0o644)
        try TextFile.write(outcome.page, to: "\(settings.results)/soak.md", mode: 0o644)
    }
}
