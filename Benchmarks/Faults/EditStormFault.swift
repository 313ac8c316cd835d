import AlulaFleet
import AlulaMeasuring

/// Configuration and stores edited twenty times a second.
package final class EditStormFault: Fault {
    private static let agent = 9
    private static let provider = "nvidia"

    package let id = "edits"
    package let title = "configuration and stores edited 20 times a second"
    package let effect = FaultEffect(open: [agent: [provider]], openForAll: ["churn"], keptStores: [agent])

    private var next = MonotonicTime.now
    private var turn = 0

    package init() {}

    package func tick(_ scene: Scene) throws {
        guard next <= .now else { return }
        next = .now.advanced(byMilliseconds: 50)
        turn += 1
        try edit(scene, isPresent: turn % 2 == 0)
    }

    package func lift(_ scene: Scene) throws {
        try edit(scene, isPresent: false)
        if scene.isFIFO(scene.fleet.configuration) {
            scene.hasChurn = false
            try scene.writeConfiguration()
        }
    }

    private func edit(_ scene: Scene, isPresent: Bool) throws {
        try scene.fleet.setKey(of: Self.provider, agent: Self.agent, isPresent: isPresent)
        // Another fault may have put something else there.
        guard !scene.isFIFO(scene.fleet.configuration) else { return }
        scene.hasChurn = isPresent
        try scene.writeConfiguration()
    }
}
