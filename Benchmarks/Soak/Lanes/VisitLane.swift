import AlulaFaults
import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaSoaking

/// Clients that come, ask and go, one after the other and many at a time.
final class VisitLane: SoakLane {
    /// About so many milliseconds between two clients.
    private static let pause = 35.0
    /// Clients at once, so that a slow machine is not buried in them.
    private static let maximumClients = 24
    private static let methods = ["models.list", "models.authStatus", "models.status", "health", "config.get"]
    private static let secretsEvery = 7000.0
    private static let longestIdle = 30_000.0

    private var dice: SoakDice
    private var next = MonotonicTime.now
    private var nextSecrets = MonotonicTime.now.advanced(byMilliseconds: 3000)
    private var count = 0

    init(seed: UInt64) { dice = SoakDice(seed: seed, part: "visits") }

    func step(_ stage: SoakStage) throws {
        guard next <= .now else { return }
        next = .now.advanced(byMilliseconds: dice.pause(about: Self.pause))
        guard stage.clients.count < Self.maximumClients else { return }
        count += 1
        // All of it is thrown each time, so that the order depends on nothing else.
        let questions = (0..<Int.random(in: 1...3, using: &dice)).map { _ in question(stage) }
        let ending = ending(isLong: stage.settings.isWhole)
        stage.add(
            try SoakVisit("client \(count)", port: stage.scene.fleet.port, questions: questions, ending: ending))
        guard nextSecrets <= .now else { return }
        nextSecrets = .now.advanced(byMilliseconds: Self.secretsEvery)
        let reload = SoakQuestion(method: "secrets.reload", patience: Patience.changeMilliseconds) { payload in
            stage.tally.count(.secretsReload)
            stage.judged(payload["ok"]?.bool == true ? nil : "it is not ok", "somebody: secrets.reload")
        }
        stage.add(try SoakVisit("somebody", port: stage.scene.fleet.port, questions: [reload]))
    }

    func finish(_ stage: SoakStage) -> Bool { stage.clients.isEmpty }

    private func question(_ stage: SoakStage) -> SoakQuestion {
        let method = Self.methods[Int.random(in: 0..<Self.methods.count, using: &dice)]
        let anybody = Int.random(in: 0..<stage.cast.agentCount, using: &dice)
        let changing = stage.cast.changing[Int.random(in: 0..<stage.cast.changing.count, using: &dice)]
        let agent = dice.chance(60) ? changing : anybody
        return method.hasPrefix("models.") ? .providers(method, of: agent) : SoakQuestion(method: method)
    }

    private func ending(isLong: Bool) -> SoakVisit.Ending {
        switch Int.random(in: 0..<100, using: &dice) {
        case ..<60: .polite
        case ..<82: .cutInAnswer
        case ..<92: .cutInQuestion
        default: .idle(Double.random(in: 500...(isLong ? Self.longestIdle : 5000), using: &dice))
        }
    }
}
