package import AlulaFleet

/// Something that goes wrong on the machine. It is prepared before the gateway starts, comes, stays a while and goes.
package protocol Fault: AnyObject {
    /// Stable; what `--only` takes.
    var id: String { get }
    /// For people.
    var title: String { get }
    /// What it may change in the answers while it is there.
    var effect: FaultEffect { get }
    /// What the fleet has to be like.
    var fleetFault: FleetFault { get }
    /// Agents that the fleet needs; `nil` for the ordinary number.
    var agentCount: Int? { get }
    /// How long it stays, in milliseconds.
    var milliseconds: Double { get }

    /// Called when the fleet is written and no gateway runs yet.
    ///
    /// - Throws: ``BenchmarkError/Code/notPossibleHere`` where the machine does not allow this fault.
    func prepare(_ scene: Scene) throws
    func inject(_ scene: Scene) throws
    /// Called again and again while the fault is there.
    func tick(_ scene: Scene) throws
    func lift(_ scene: Scene) throws
    /// Called about once a second after the lift, until the answers are whole: what happens on any machine anyway.
    func nudge(_ scene: Scene) throws
    /// What is wrong although the answers are right, looked for after the lift.
    func problems(_ scene: Scene) -> [String]
    /// Takes away what is left, also after a failure. The gateway has ended.
    func end(_ scene: Scene)
}

extension Fault {
    package var effect: FaultEffect { FaultEffect() }
    package var fleetFault: FleetFault { .none }
    package var agentCount: Int? { nil }
    package var milliseconds: Double { 5000 }

    package func prepare(_ scene: Scene) throws {}
    package func inject(_ scene: Scene) throws {}
    package func tick(_ scene: Scene) throws {}
    package func lift(_ scene: Scene) throws {}
    package func nudge(_ scene: Scene) throws {}
    package func problems(_ scene: Scene) -> [String] { [] }
    package func end(_ scene: Scene) {}
}

/// What a fault may change in the answers. Everything else has to stay exactly right.
package struct FaultEffect: Sendable {
    /// Sources that can't be read: what nobody else offers has to become unavailable.
    package var broken: Set<FleetTruth.Source>
    /// Providers that may be answered either way, for the agents at these places.
    package var open: [Int: Set<String>]
    /// Providers that may be answered either way for everybody.
    package var openForAll: Set<String>
    /// Whether what is broken has to show. Where nothing can be gathered, the last good answer serves.
    package var isShown: Bool
    /// How long the answer may take to follow, in milliseconds.
    package var graceMilliseconds: Double
    /// Stores that nobody else writes to meanwhile.
    package var keptStores: Set<Int>
    /// How often all other stores are replaced meanwhile, in milliseconds; `nil` where that can't be.
    package var touchEveryMilliseconds: Double?
    /// Whether an edit of a store has to reach the answer all the same.
    package var letsEditsThrough: Bool

    package init(
        broken: Set<FleetTruth.Source> = [], open: [Int: Set<String>] = [:], openForAll: Set<String> = [],
        isShown: Bool = true, graceMilliseconds: Double = 1500, keptStores: Set<Int> = [],
        touchEveryMilliseconds: Double? = 500, letsEditsThrough: Bool = true
    ) {
        self.broken = broken
        self.open = open
        self.openForAll = openForAll
        self.isShown = isShown
        self.graceMilliseconds = graceMilliseconds
        self.keptStores = keptStores
        self.touchEveryMilliseconds = touchEveryMilliseconds
        self.letsEditsThrough = letsEditsThrough
    }

    package mutating func merge(_ other: FaultEffect) {
        broken.formUnion(other.broken)
        open.merge(other.open) { $0.union($1) }
        openForAll.formUnion(other.openForAll)
        isShown = isShown && other.isShown
        graceMilliseconds = max(graceMilliseconds, other.graceMilliseconds)
        keptStores.formUnion(other.keptStores)
        if let mine = touchEveryMilliseconds, let others = other.touchEveryMilliseconds {
            touchEveryMilliseconds = max(mine, others)
        } else {
            touchEveryMilliseconds = nil
        }
        letsEditsThrough = letsEditsThrough && other.letsEditsThrough
    }
}
