import AlulaFaults
import AlulaFleet
import AlulaMeasuring
import AlulaRunning
import AlulaSoaking

/// Where all of a soak meets: the fleet, what is true about it, who is connected, and what was wrong.
final class SoakStage {
    let scene: Scene
    let settings: SoakSettings
    let cast: SoakCast
    let start = MonotonicTime.now
    var ledger: TruthLedger
    var tally = SoakTally()
    /// The fault that is there or that was the last one, since when, and whether it is over; for people.
    private var lastFault: (id: String, seconds: Double, isOver: Bool)?
    private(set) var clients: [any SoakClient] = []

    /// Who keeps the configuration in a state that can't be used.
    private var configurationSpoilers = 0
    /// When the last one put it in order.
    private var configurationMended = MonotonicTime(nanoseconds: 0)
    private var configured: Set = ["house"]
    private var configurationEdited = MonotonicTime(nanoseconds: 0)
    /// Commands of the product that read the configuration at this moment.
    var runningCommands = 0

    init(scene: Scene, settings: SoakSettings) {
        self.scene = scene
        self.settings = settings
        cast = SoakCast(agentCount: scene.fleet.agentCount)
        ledger = TruthLedger(scene.fleet)
    }

    // MARK: The configuration

    /// Whether nobody has spoiled the configuration.
    var configurationIsSound: Bool { configurationSpoilers == 0 }
    /// Whether somebody may spoil it: nobody else has, and no command reads it.
    var configurationMayBeSpoiled: Bool { configurationSpoilers == 0 && runningCommands == 0 }

    /// Somebody has written another configuration, with entries for these providers.
    func configurationIsEdited(_ providers: Set<String>) {
        configured = providers
        configurationEdited = .now
    }

    func configurationIsSpoiled() { configurationSpoilers += 1 }

    func configurationIsMended() {
        configurationSpoilers -= 1
        configurationMended = .now
    }

    /// The providers that the configuration has entries for; `nil` when it was edited too short a time before `asked`.
    func configuredProviders(since asked: MonotonicTime) -> Set<String>? {
        let edited = max(configurationEdited, configurationMended)
        let isSettled = configurationIsSound && asked >= edited.advanced(byMilliseconds: Patience.editMilliseconds)
        return isSettled ? configured : nil
    }

    /// Whether an answer that was asked for then may say that the configuration can't be read.
    func configurationWasSpoiled(since asked: MonotonicTime) -> Bool {
        !configurationIsSound || asked < configurationMended.advanced(byMilliseconds: Patience.editMilliseconds)
    }

    // MARK: Clients

    func add(_ client: any SoakClient) {
        tally.countConnection()
        clients.append(client)
    }

    /// Waits for news of any client, or for the time to pass, and lets them go on.
    func letClientsGoOn(until instant: MonotonicTime) {
        var interests = clients.map(\.interest)
        let next = clients.map(\.due).min() ?? instant
        waitForSockets(&interests, until: min(instant, next))
        var staying: [any SoakClient] = []
        let here = clients
        // Clients that come meanwhile are added behind.
        clients = []
        for (client, interest) in zip(here, interests) {
            do throws(BenchmarkError) {
                if interest.isReady, try client.advance(self) { continue }
                if client.due <= .now, try client.expire(self) { continue }
                staying.append(client)
            } catch {
                note(error.code == .refused ? .refused : .lost, client.question, error.message)
            }
        }
        clients = staying + clients
    }

    // MARK: Faults

    /// What is broken at this moment; `nil` when nothing is.
    var currentFault: String? { lastFault.flatMap { $0.isOver ? nil : $0.id } }

    func faultBegins(_ id: String) { lastFault = (id, seconds, false) }
    func faultIsOver(_ id: String) { lastFault = (id, seconds, true) }

    // MARK: What is wrong

    var seconds: Double { MonotonicTime.now.milliseconds(since: start) / 1000 }

    func note(_ fault: SoakTally.Fault, _ question: String, _ detail: String) {
        let finding = finding(fault, question, detail)
        tally.add(finding)
        Progress.note(finding.text, from: "soak")
    }

    /// Takes note of an answer that was compared.
    ///
    /// - Parameter problem: What is wrong with it; `nil` when it is right.
    func judged(_ problem: String?, _ question: String) {
        guard let problem else { return tally.judged(nil) }
        let finding = finding(.wrong, question, problem)
        tally.judged(finding)
        Progress.note(finding.text, from: "soak")
    }

    /// Beside which fault something was seen.
    private var faultText: String {
        guard let (id, begin, isOver) = lastFault else { return "" }
        let ago = ((seconds - begin) * 10).rounded() / 10
        return isOver ? " (\(ago) s after \(id) was over)" : " (\(ago) s after \(id) came)"
    }

    private func finding(_ fault: SoakTally.Fault, _ question: String, _ detail: String) -> SoakTally.Finding {
        SoakTally.Finding(
            seconds: seconds, fault: fault, question: question,
            detail: detail + faultText)
    }
}
