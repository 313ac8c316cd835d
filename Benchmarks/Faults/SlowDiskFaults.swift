import AlulaFleet
import AlulaMeasuring

/// A directory whose reads take 200 ms each.
package final class SlowDirectoryFault: Fault {
    /// Which. Raw values are part of the id.
    package enum Place: String, CaseIterable {
        /// The home directory, with what other tools have left there.
        case home
        /// Every agent's directory.
        case agents
    }

    private let place: Place
    private var means = "FUSE"
    private var next = MonotonicTime.now

    package var id: String { "slow-\(place.rawValue)" }
    package var title: String {
        let what = place == .home ? "the home directory" : "every agent's directory"
        return "\(what) takes 200 ms for each read (\(means))"
    }
    package var effect: FaultEffect {
        // With 200 ms for each read of hundreds of stores a warm takes longer than an edit may.
        place == .home ? FaultEffect() : FaultEffect(touchEveryMilliseconds: 3000, letsEditsThrough: false)
    }
    package var milliseconds: Double { place == .home ? 6000 : 10_000 }

    package init(_ place: Place) { self.place = place }

    package func prepare(_ scene: Scene) throws {
        let path = place == .home ? scene.fleet.home : "\(scene.fleet.state)/agents"
        guard !scene.mounts.allowsFUSE else { return try scene.mounts.addSlow(path, control: control(scene)) }
        means = "injected reader"
        scene.preload()
        scene.environment["CHAOS_SLOW_PATH"] = path
        scene.environment["CHAOS_SLOW_CONTROL"] = control(scene)
    }

    package func inject(_ scene: Scene) throws { try TextFile.write("", to: control(scene) + ".slow") }

    /// Reads have to take place for somebody to notice that they are slow.
    package func tick(_ scene: Scene) throws {
        guard place == .home, next <= .now else { return }
        next = .now.advanced(byMilliseconds: 1000)
        try scene.restoreLogin(".claude/.credentials.json")
    }

    package func lift(_ scene: Scene) throws { scene.remove(control(scene) + ".slow") }
    package func end(_ scene: Scene) { scene.remove(control(scene) + ".slow") }

    private func control(_ scene: Scene) -> String { scene.file("disk-\(place.rawValue)") }
}

/// The disk with the whole state directory answers nothing at all, neither reads nor writes nor looks.
package final class HungDiskFault: Fault {
    package let id = "hung-disk"
    package let title = "the state disk hung for 60 s (FUSE)"
    package private(set) var effect = FaultEffect()
    package let milliseconds = 60_000.0

    private var next = MonotonicTime.now

    package init() {}

    package func prepare(_ scene: Scene) throws {
        // Nothing that lies on it can be read, so either answer will do; but there has to be one.
        effect.broken = Set((0..<scene.fleet.agentCount).map { .store($0) })
        effect.isShown = false
        effect.touchEveryMilliseconds = nil
        try scene.mounts.addSlow(scene.fleet.state, control: control(scene))
    }

    package func inject(_ scene: Scene) throws { try TextFile.write("", to: control(scene) + ".hang") }

    package func tick(_ scene: Scene) throws {
        guard next <= .now else { return }
        next = .now.advanced(byMilliseconds: 2000)
        scene.reloadSecrets()
    }

    package func lift(_ scene: Scene) throws { scene.remove(control(scene) + ".hang") }
    package func nudge(_ scene: Scene) throws { scene.reloadSecrets() }
    package func end(_ scene: Scene) { scene.remove(control(scene) + ".hang") }

    private func control(_ scene: Scene) -> String { scene.file("disk-state") }
}
