import AlulaFaults
import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaSoaking

/// Other programs that write stores and the configuration, also badly.
final class EditLane: SoakLane {
    /// What the first agent's store, which is everybody's, is given a key for.
    private static let everybodys = "perplexity"
    private static let provider = "nvidia"
    /// How long something stays as it was edited, so that answers are compared with it: the grace and a little more.
    private static let stay = Patience.editMilliseconds + 1500

    private var dice: SoakDice
    private var nextKey = MonotonicTime.now
    private var nextTouch = MonotonicTime.now
    private var nextHalf = MonotonicTime.now.advanced(byMilliseconds: 1000)
    private var nextConfiguration = MonotonicTime.now.advanced(byMilliseconds: 2000)
    /// When each agent's store may be edited again, by place.
    private var free: [Int: MonotonicTime] = [:]
    private var withKey: Set<Int> = []
    private var isHalfWritten = false
    private var round = 0
    private var configurationTurn = 0
    /// When a configuration that can't be used is put in order again.
    private var spoiledUntil: MonotonicTime?

    init(seed: UInt64) { dice = SoakDice(seed: seed, part: "edits") }

    func step(_ stage: SoakStage) throws {
        let now = MonotonicTime.now
        if nextKey <= now {
            nextKey = now.advanced(byMilliseconds: dice.pause(about: 700))
            try editKey(stage)
        }
        if nextTouch <= now {
            nextTouch = now.advanced(byMilliseconds: dice.pause(about: 500))
            round += 1
            let touched = stage.cast.touched.shuffled(using: &dice).prefix(8)
            try stage.scene.fleet.rewriteStores(round: round, of: Set(touched))
            stage.tally.count(.storeTouch)
        }
        if nextHalf <= now {
            nextHalf = now.advanced(byMilliseconds: Self.stay + dice.pause(about: 1000))
            try writeHalfStore(stage, isHalf: !isHalfWritten)
        }
        try stepConfiguration(stage, now)
    }

    func finish(_ stage: SoakStage) throws -> Bool {
        if spoiledUntil != nil { try mendConfiguration(stage) }
        if isHalfWritten { try writeHalfStore(stage, isHalf: false) }
        if stage.scene.hasChurn, stage.configurationIsSound { try writeChurn(stage, isPresent: false) }
        return !stage.scene.hasChurn
    }

    // MARK: Stores

    private func editKey(_ stage: SoakStage) throws {
        let place = Int.random(in: 0...stage.cast.edited.count, using: &dice)
        // The last one stands for the first agent of the fleet, and is not so often in turn.
        let agent = place < stage.cast.edited.count ? stage.cast.edited[place] : 0
        guard free[agent].map({ $0 <= .now }) ?? true else { return }
        free[agent] = .now.advanced(byMilliseconds: Self.stay)
        let provider = agent == 0 ? Self.everybodys : Self.provider
        let isPresent = !withKey.contains(agent)
        let change = stage.ledger.begin { $0.added[agent] = isPresent ? [provider] : [] }
        try stage.scene.fleet.setKey(of: provider, agent: agent, isPresent: isPresent)
        stage.ledger.settle(change, within: Patience.editMilliseconds)
        if isPresent { withKey.insert(agent) } else { withKey.remove(agent) }
        stage.tally.count(.storeEdit)
    }

    /// Writes into the file, as careless programs do, and is seen in the middle of it.
    private func writeHalfStore(_ stage: SoakStage, isHalf: Bool) throws {
        let agent = stage.cast.halfWritten
        let text = stage.scene.fleet.storeDocument(agent).text()
        let change = stage.ledger.begin {
            if isHalf { $0.unreadable.insert(.store(agent)) } else { $0.unreadable.remove(.store(agent)) }
        }
        try TextFile.write(
            isHalf ? String(text.prefix(text.count / 2)) : text, to: stage.scene.fleet.store(of: Fleet.agent(agent)))
        stage.ledger.settle(change, within: Patience.editMilliseconds)
        isHalfWritten = isHalf
        if isHalf { stage.tally.count(.halfWrittenStore) }
    }

    // MARK: The configuration

    private func stepConfiguration(_ stage: SoakStage, _ now: MonotonicTime) throws {
        if let end = spoiledUntil {
            if end <= now { try mendConfiguration(stage) }
            return
        }
        guard nextConfiguration <= now, stage.configurationMayBeSpoiled else { return }
        nextConfiguration = now.advanced(byMilliseconds: Self.stay + dice.pause(about: 1000))
        configurationTurn += 1
        switch configurationTurn % 4 {
        case 1, 3:
            try writeChurn(stage, isPresent: !stage.scene.hasChurn)
            stage.tally.count(.configurationEdit)
        case 2:
            let whole = stage.scene.configurationDocument().text(.pretty)
            let part = Int.random(in: 1..<(whole.count * 9 / 10), using: &dice)
            try spoil(stage) { try TextFile.write(String(whole.prefix(part)), to: stage.scene.fleet.configuration) }
            stage.tally.count(.halfWrittenConfiguration)
        default:
            let text = Self.invalid[configurationTurn / 4 % Self.invalid.count]
            try spoil(stage) { try TextFile.replace(stage.scene.fleet.configuration, with: text) }
            stage.tally.count(.invalidConfiguration)
        }
    }

    private static let invalid = ["{", "{ gateway: ", "\u{0}\u{0}\u{0}", "{ gateway: { port: 1 }, agents: { list: 7 "]

    private func spoil(_ stage: SoakStage, _ write: () throws -> Void) throws {
        stage.configurationIsSpoiled()
        spoiledUntil = .now.advanced(byMilliseconds: Double.random(in: 100...1500, using: &dice))
        try write()
    }

    /// What ran before a text that can't be used runs all the while, so nothing changes in what is true.
    private func mendConfiguration(_ stage: SoakStage) throws {
        try stage.scene.writeConfiguration()
        spoiledUntil = nil
        stage.configurationIsMended()
    }

    private func writeChurn(_ stage: SoakStage, isPresent: Bool) throws {
        stage.scene.hasChurn = isPresent
        let change = stage.ledger.begin { $0.configured = isPresent ? ["churn"] : [] }
        try stage.scene.writeConfiguration()
        stage.ledger.settle(change, within: Patience.editMilliseconds)
        stage.configurationIsEdited(isPresent ? ["house", "churn"] : ["house"])
    }
}
