package import AlulaFleet
import AlulaMeasuring

/// Everything at once, as far as it can be in one place at one time.
package final class AllFaults: Fault {
    package let id = "all"
    package var title: String {
        "all of them at once" + (left.isEmpty ? "" : ", without \(left.joined(separator: ", "))")
    }
    package let fleetFault = FleetFault.helper
    package var milliseconds: Double { 20_000 }

    private var parts: [any Fault] = [
        StoreFIFOFault(), LoginFIFOFault(), ConfigurationFIFOFault(isFlickering: true), SnapshotFIFOFault(),
        LargeLoginFault(), SlowDirectoryFault(.home), HelperFault(.any), WorkerFault(.any), EditStormFault(),
        FullDiskFault(), ClockFault(), BusyFault(), BlockedConsoleFault(),
    ]
    /// Parts that this machine does not allow.
    private var left: [String] = []

    package var effect: FaultEffect {
        var effect = FaultEffect()
        for part in parts { effect.merge(part.effect) }
        // What follows what takes its time beside everything else.
        effect.isShown = false
        return effect
    }

    package init() {}

    package func prepare(_ scene: Scene) throws {
        parts = try parts.filter { part in
            do {
                try part.prepare(scene)
                return true
            } catch let error as BenchmarkError where error.code == .notPossibleHere {
                left.append(part.id)
                return false
            }
        }
    }

    package func inject(_ scene: Scene) throws { for part in parts { try part.inject(scene) } }
    package func tick(_ scene: Scene) throws { for part in parts { try part.tick(scene) } }
    package func lift(_ scene: Scene) throws { for part in parts.reversed() { try part.lift(scene) } }
    package func nudge(_ scene: Scene) throws { for part in parts { try part.nudge(scene) } }
    package func problems(_ scene: Scene) -> [String] { parts.flatMap { $0.problems(scene) } }
    package func end(_ scene: Scene) { for part in parts { part.end(scene) } }
}
