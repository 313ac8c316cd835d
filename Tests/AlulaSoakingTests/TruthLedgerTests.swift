import AlulaFaults
import AlulaFleet
import AlulaMeasuring
import AlulaSoaking
import Testing

struct TruthLedgerTests {
    private static let provider = "nvidia"
    private static let fleet = Fleet(root: "/nowhere", agentCount: 40, fault: .helper, port: 1)

    /// So many milliseconds after the beginning.
    private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    /// What has to be said about `provider` for an agent when it is asked for then: `nil` where either will do.
    private func wanted(
        _ ledger: TruthLedger, _ provider: String = provider, for agent: Int, asked milliseconds: Int64,
        excusesFaults: Bool = true
    ) -> Bool? {
        let expectation = ledger.expectation(for: agent, asked: at(milliseconds), excusesFaults: excusesFaults)
        guard expectation.allowed.contains(provider) else { return false }
        return expectation.required.contains(provider) ? true : nil
    }

    @Test func takesEitherAnswerFromTheEditToTheEndOfItsGrace() {
        var ledger = TruthLedger(Self.fleet)
        #expect(wanted(ledger, for: 5, asked: 0) == false)
        let change = ledger.begin(at: at(1000)) { $0.added[5] = [Self.provider] }
        #expect(wanted(ledger, for: 5, asked: 900) == nil)
        ledger.settle(change, within: 3000, at: at(1200))
        #expect(wanted(ledger, for: 5, asked: 4200) == nil)
        #expect(wanted(ledger, for: 5, asked: 4201) == true)
        // Nobody else is concerned.
        #expect(wanted(ledger, for: 6, asked: 1000) == false)
        #expect(wanted(ledger, "openai", for: 5, asked: 1000) == true)
    }

    @Test func keepsAChangeOpenWhoseOutcomeNobodyKnows() {
        var ledger = TruthLedger(Self.fleet)
        _ = ledger.begin(at: at(0)) { $0.added[5] = [Self.provider] }
        ledger.forget(before: at(900_000))
        #expect(wanted(ledger, for: 5, asked: 1_000_000) == nil)
    }

    @Test func concernsEverybodyWhenTheFirstStoreOrTheConfigurationIsEdited() {
        var ledger = TruthLedger(Self.fleet)
        let store = ledger.begin(at: at(0)) { $0.added[0] = [Self.provider] }
        ledger.settle(store, within: 100, at: at(0))
        let configuration = ledger.begin(at: at(0)) { $0.configured = ["churn"] }
        ledger.settle(configuration, within: 100, at: at(0))
        for agent in [0, 7, 39] {
            #expect(wanted(ledger, for: agent, asked: 50) == nil)
            #expect(wanted(ledger, for: agent, asked: 101) == true)
            #expect(wanted(ledger, "churn", for: agent, asked: 101) == true)
        }
    }

    @Test func wantsNothingOfAStoreThatIsHalfWritten() {
        var ledger = TruthLedger(Self.fleet)
        let own = Set(Self.fleet.providers(of: 12)).subtracting(Self.fleet.providers(of: 0))
        let provider = own.first ?? ""
        #expect(wanted(ledger, provider, for: 12, asked: 0) == true)
        let change = ledger.begin(at: at(0)) { $0.unreadable.insert(.store(12)) }
        ledger.settle(change, within: 100, at: at(0))
        #expect(wanted(ledger, provider, for: 12, asked: 101) == false)
    }

    @Test func wantsAFaultToShowAndToBeForgotten() {
        var ledger = TruthLedger(Self.fleet)
        let effect = FaultEffect(broken: [.helper], graceMilliseconds: 1500)
        #expect(wanted(ledger, "zai", for: 0, asked: 0) == true)
        ledger.breakDown(effect, at: at(1000))
        #expect(wanted(ledger, "zai", for: 0, asked: 2500) == nil)
        #expect(wanted(ledger, "zai", for: 0, asked: 2501) == false)
        ledger.mend(at: at(8000))
        // Open until somebody has seen that it is over; who looks for that excuses nothing.
        #expect(wanted(ledger, "zai", for: 0, asked: 20_000) == nil)
        #expect(wanted(ledger, "zai", for: 0, asked: 20_000, excusesFaults: false) == true)
        ledger.recover(at: at(9000))
        #expect(wanted(ledger, "zai", for: 0, asked: 9000) == nil)
        #expect(wanted(ledger, "zai", for: 0, asked: 9001) == true)
    }

    @Test func waitsWithEditsThatAFaultLetsNothingThroughOf() {
        var ledger = TruthLedger(Self.fleet)
        let earlier = ledger.begin(at: at(0)) { $0.added[9] = [Self.provider] }
        ledger.settle(earlier, within: 3000, at: at(0))
        ledger.breakDown(FaultEffect(isShown: false, letsEditsThrough: false), at: at(1000))
        let change = ledger.begin(at: at(2000)) { $0.added[5] = [Self.provider] }
        ledger.settle(change, within: 3000, at: at(2100))
        for agent in [5, 9] { #expect(wanted(ledger, for: agent, asked: 60_000) == nil) }
        // Who looks whether the fault is over must not mistake an edit for it.
        #expect(wanted(ledger, for: 5, asked: 60_000, excusesFaults: false) == nil)
        ledger.mend(at: at(60_000))
        ledger.recover(at: at(61_000))
        for agent in [5, 9] {
            #expect(wanted(ledger, for: agent, asked: 64_000) == nil)
            #expect(wanted(ledger, for: agent, asked: 64_001) == true)
        }
    }

    @Test func takesWhatAFaultMayChangeFromItsEffect() {
        var ledger = TruthLedger(Self.fleet)
        ledger.breakDown(FaultEffect(open: [3: ["zai"]], openForAll: ["house"]), at: at(0))
        #expect(wanted(ledger, "zai", for: 3, asked: 5000) == nil)
        #expect(wanted(ledger, "house", for: 20, asked: 5000) == nil)
        #expect(wanted(ledger, "groq", for: 3, asked: 5000) == true)
        ledger.mend(at: at(6000))
        ledger.recover(at: at(6000))
        #expect(wanted(ledger, "house", for: 20, asked: 6001) == true)
    }
}
