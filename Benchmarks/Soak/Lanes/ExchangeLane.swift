import AlulaFaults
import AlulaFleet
import AlulaMeasuring
import AlulaSoaking

/// Callers over HTTP.
final class ExchangeLane: SoakLane {
    /// About so many milliseconds between two callers.
    private static let pause = 7.0
    private static let maximumClients = 32

    private var dice: SoakDice
    private var next = MonotonicTime.now
    private var count = 0

    init(seed: UInt64) { dice = SoakDice(seed: seed, part: "exchanges") }

    func step(_ stage: SoakStage) throws {
        guard next <= .now else { return }
        next = .now.advanced(byMilliseconds: dice.pause(about: Self.pause))
        guard stage.clients.count < Self.maximumClients else { return }
        count += 1
        stage.add(try SoakExchange(kind(), port: stage.scene.fleet.port))
    }

    func finish(_ stage: SoakStage) -> Bool { stage.clients.isEmpty }

    private func kind() -> SoakExchange.Kind {
        let words = (0..<Int.random(in: 1...12, using: &dice)).map { _ in "word\(dice.next() % 1000)" }
        let hangsUpAfter = Double.random(in: 10...1500, using: &dice)
        let text = "Round \(count): \(words.joined(separator: " "))"
        return switch Int.random(in: 0..<100, using: &dice) {
        case ..<60: .healthz
        case ..<66: .metrics
        case ..<74: .models
        case ..<82: .chat(ChatCheck(text: text, isStreamed: false))
        case ..<91: .chat(ChatCheck(text: text, isStreamed: true))
        default: .cutChat(hangsUpAfter)
        }
    }
}
