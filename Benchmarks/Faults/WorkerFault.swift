import AlulaFleet
import AlulaMeasuring

/// A warm worker that breaks. The preloaded library starts another program in its place, or refuses to.
package final class WorkerFault: Fault {
    /// How. Raw values are words of `Saboteurs/worker.c`.
    package enum Mode: String, CaseIterable {
        case kill, stop, silent, garbage, half, version, exit0, exit1, unable
        /// One after the other, with a sound one between.
        case any

        package var title: String {
            switch self {
            case .kill: "the worker killed, again and again"
            case .stop: "the worker stopped with SIGSTOP"
            case .silent: "a worker that never says a word"
            case .garbage: "a worker that answers garbage"
            case .half: "a worker that answers half a frame"
            case .version: "a worker of a wrong version"
            case .exit0: "a worker that ends with 0 without a word"
            case .exit1: "a worker that ends with 1"
            case .unable: "a worker that can't be started"
            case .any: "a worker that breaks in nine ways"
            }
        }
    }

    package let mode: Mode
    package var id: String { "worker-\(mode.rawValue)" }
    package var title: String { mode.title }
    // Without a worker the gateway reads by itself; where the worker dies or lies, the last answer serves.
    package var effect: FaultEffect { FaultEffect(isShown: false, letsEditsThrough: mode == .unable) }

    private var turn = 0
    private var next = MonotonicTime.now

    package init(_ mode: Mode) { self.mode = mode }

    package func prepare(_ scene: Scene) throws {
        scene.preload()
        scene.environment["CHAOS_WORKER"] = scene.file("worker-mode")
        scene.environment["CHAOS_SABOTEUR"] = "\(scene.tools.saboteurs)/worker"
        try choose("sound", scene)
    }

    package func inject(_ scene: Scene) throws { try choose(mode == .any ? Mode.kill.rawValue : mode.rawValue, scene) }

    package func tick(_ scene: Scene) throws {
        guard mode == .any, next <= .now else { return }
        next = .now.advanced(byMilliseconds: 400)
        turn += 1
        let modes = Mode.allCases.filter { $0 != .any }
        try choose(turn % 3 == 0 ? "sound" : modes[turn % modes.count].rawValue, scene)
    }

    package func lift(_ scene: Scene) throws {
        try choose("sound", scene)
        try nudge(scene)
    }

    /// Life goes on: some store is written.
    package func nudge(_ scene: Scene) throws {
        try scene.fleet.rewriteStores(round: Int.random(in: 1...1_000_000), of: [3])
    }

    private func choose(_ word: String, _ scene: Scene) throws {
        try TextFile.replace(scene.file("worker-mode"), with: word)
    }
}
