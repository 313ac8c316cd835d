import AlulaFaults
import AlulaFleet
import AlulaMeasuring

/// What has to be answered while a fault is there and when it is not.
struct Expectations {
    /// Where the run stands. Raw values are for people.
    enum Phase: String {
        case before, broken, after
    }

    var phase = Phase.before
    /// When the fault came.
    var brokenSince = MonotonicTime.now
    /// What the fault may change at this moment.
    var effect: FaultEffect
    /// Providers that are being changed at this moment, by the agent's place.
    var moving: [Int: Set<String>] = [:]

    init(_ effect: FaultEffect) { self.effect = effect }

    /// What has to be answered for the agent at `index` now.
    func expectation(for index: Int, _ truth: FleetTruth) -> Expectation {
        let whole = truth.available(for: index)
        let open = (moving[index] ?? []).union(phase == .broken ? openProviders(of: index) : [])
        guard phase == .broken else {
            return Expectation(required: whole.subtracting(open), allowed: whole.union(open))
        }
        let left = truth.available(for: index, without: effect.broken)
        let isSettled =
            effect.isShown && brokenSince.advanced(byMilliseconds: effect.graceMilliseconds) < MonotonicTime.now
        return Expectation(
            required: left.subtracting(open), allowed: (isSettled ? left : whole).union(open))
    }

    private func openProviders(of index: Int) -> Set<String> {
        effect.openForAll.union(effect.open[index] ?? [])
    }
}
