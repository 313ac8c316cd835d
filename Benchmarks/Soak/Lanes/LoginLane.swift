import AlulaFaults
import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaSoaking

/// Logins and logouts by the product's own ways: the command line, which writes the store itself or asks the gateway, and
/// calls of clients.
final class LoginLane: SoakLane {
    private static let provider = "nvidia"
    /// How long a command may take. It is started anew each time, on a machine that is kept busy.
    private static let commandPatience = 20_000.0
    /// From the change of one agent's logins to the next: answers are compared with it in between.
    private static let stay = Patience.editMilliseconds + 1500
    /// Between two changes of any agent's: no address may log out more often than 30 times a minute.
    private static let pause = 2200.0

    /// A command that runs.
    private struct Running {
        let child: ChildProgram
        let agent: Int
        let activity: SoakActivity
        let change: TruthLedger.Change
        let deadline: MonotonicTime
    }

    private var dice: SoakDice
    private var next = MonotonicTime.now
    private var loggedIn: Set<Int> = []
    private var free: [Int: MonotonicTime] = [:]
    private var running: Running?
    /// Until when a client's logout that has no answer yet is waited for.
    private var calling: MonotonicTime?
    private var count = 0

    init(seed: UInt64) { dice = SoakDice(seed: seed, part: "logins") }

    func step(_ stage: SoakStage) throws {
        watch(stage)
        guard !isBusy, next <= .now, stage.configurationIsSound else { return }
        next = .now.advanced(byMilliseconds: dice.pause(about: Self.pause))
        let agent = stage.cast.loggedIn[Int.random(in: 0..<stage.cast.loggedIn.count, using: &dice)]
        let isCall = dice.chance(50)
        guard free[agent].map({ $0 <= .now }) ?? true else { return }
        count += 1
        if !loggedIn.contains(agent) {
            try start(.login, ["paste-api-key"], of: agent, input: "sk-fake-soak-\(count)\n", stage)
        } else if isCall {
            try call(agent, stage)
        } else {
            try start(.commandLogout, ["logout"], of: agent, input: nil, stage)
        }
    }

    /// Whether something has no end yet. A call that was lost is known to be, and waited for no longer.
    private var isBusy: Bool { running != nil || calling.map { .now < $0 } ?? false }

    func finish(_ stage: SoakStage) -> Bool {
        watch(stage)
        return !isBusy
    }

    // MARK: The command line

    private func start(
        _ activity: SoakActivity, _ words: [String], of agent: Int, input: String?, _ stage: SoakStage
    ) throws {
        let isIn = activity == .login
        let change = stage.ledger.begin { $0.added[agent] = isIn ? [Self.provider] : [] }
        try TextFile.write("", to: Self.output(stage))
        let child = try ChildProgram(
            path: "\(stage.settings.binaries)/alula",
            arguments: ["models", "auth"] + words
                + ["--provider", Self.provider, "--agent", Fleet.agent(agent)],
            environment: stage.scene.fleet.environment, output: Self.output(stage))
        if let input { child.send(input) }
        child.closeInput()
        stage.runningCommands += 1
        running = Running(
            child: child, agent: agent, activity: activity, change: change,
            deadline: .now.advanced(byMilliseconds: Self.commandPatience))
    }

    private static func output(_ stage: SoakStage) -> String { stage.scene.file("command.log") }

    private func watch(_ stage: SoakStage) {
        guard let running else { return }
        let question = "alula: \(running.activity.rawValue) for \(Fleet.agent(running.agent))"
        if running.child.isRunning {
            guard running.deadline <= .now else { return }
            _ = running.child.stop(graceMilliseconds: 1000)
            stage.note(.lost, question, "it did not end within \(Int(Self.commandPatience / 1000)) s")
        } else if running.child.succeeded {
            stage.tally.count(running.activity)
            changed(running.agent, isIn: running.activity == .login, running.change, stage)
        } else {
            let text = TextFile.read(Self.output(stage))?.suffix(300) ?? ""
            stage.note(.refused, question, "it failed: \(text)")
        }
        stage.runningCommands -= 1
        self.running = nil
    }

    // MARK: Clients

    private func call(_ agent: Int, _ stage: SoakStage) throws {
        let change = stage.ledger.begin { $0.added[agent] = [] }
        calling = .now.advanced(byMilliseconds: 2 * Patience.changeMilliseconds)
        let question = SoakQuestion(
            method: "models.authLogout", agent: agent,
            parameters: JSONObject([
                ("provider", .string(Self.provider)), ("agentId", .string(Fleet.agent(agent))),
            ]), patience: Patience.changeMilliseconds
        ) { [self] payload in
            calling = nil
            stage.tally.count(.callLogout)
            let removed = payload["removedProfiles"]?.array?.compactMap(\.string) ?? []
            stage.judged(
                removed == ["\(Self.provider):default"] ? nil : "it removed \(removed)",
                "somebody: models.authLogout for \(Fleet.agent(agent))")
            changed(agent, isIn: false, change, stage)
        }
        stage.add(try SoakVisit("somebody", port: stage.scene.fleet.port, questions: [question]))
    }

    private func changed(_ agent: Int, isIn: Bool, _ change: TruthLedger.Change, _ stage: SoakStage) {
        stage.ledger.settle(change, within: Patience.editMilliseconds)
        if isIn { loggedIn.insert(agent) } else { loggedIn.remove(agent) }
        free[agent] = .now.advanced(byMilliseconds: Self.stay)
    }
}
