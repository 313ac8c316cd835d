package import AlulaFleet
import AlulaMeasuring

/// A helper program behind `secrets.providers` that misbehaves.
package final class HelperFault: Fault {
    /// How. Raw values are words of the helper's script.
    package enum Mode: String, CaseIterable {
        case silent, forks, stubborn, flood, devours
        /// Another one each time it is started.
        case any

        package var title: String {
            switch self {
            case .silent: "a helper that never returns"
            case .forks: "a helper that leaves children behind"
            case .stubborn: "a helper that ignores SIGTERM"
            case .flood: "a helper that floods its output"
            case .devours: "a helper that reads its input for ever"
            case .any: "helpers that misbehave in five ways"
            }
        }
    }

    package let mode: Mode
    package var id: String { "helper-\(mode.rawValue)" }
    package var title: String { mode.title }
    package let effect = FaultEffect(broken: [.helper], graceMilliseconds: 3500)
    package let fleetFault = FleetFault.helper
    package let milliseconds = 6000.0

    package init(_ mode: Mode) { self.mode = mode }

    package func prepare(_ scene: Scene) throws {
        try choose("good", scene)
        let values = (0..<Fleet.agentsWithHelper).map { #""zai/key-\#($0)":"sk-fake-zai-\#($0)""# }
        let answer = #"{"protocolVersion":1,"values":{\#(values.joined(separator: ","))}}"#
        // The number is a mark to find what is left behind by.
        let script = """
            #!/bin/sh
            mode=$(/bin/cat '\(scene.file("helper-mode"))')
            if [ "$mode" = any ]; then
                case $(($$ % 5)) in
                0) mode=silent ;; 1) mode=forks ;; 2) mode=stubborn ;; 3) mode=flood ;; *) mode=devours ;;
                esac
            fi
            case "$mode" in
            good) /bin/cat >/dev/null; echo '\(answer)' ;;
            silent) exec /bin/sleep \(Self.mark(scene)) ;;
            forks) /bin/sleep \(Self.mark(scene)) & /bin/sleep \(Self.mark(scene)) & /bin/sleep \(Self.mark(scene)) & ;;
            stubborn) trap '' TERM INT HUP; while :; do /bin/sleep \(Self.mark(scene)); done ;;
            flood) exec /usr/bin/yes fake-flood ;;
            devours) while :; do /bin/cat >/dev/null; /bin/sleep 0.02; done ;;
            esac

            """
        try TextFile.write(script, to: scene.fleet.helper, mode: 0o700)
    }

    package func inject(_ scene: Scene) throws {
        try choose(mode.rawValue, scene)
        scene.reloadSecrets()
    }

    package func lift(_ scene: Scene) throws {
        try choose("good", scene)
        scene.reloadSecrets()
    }

    package func nudge(_ scene: Scene) throws { scene.reloadSecrets() }

    package func problems(_ scene: Scene) -> [String] {
        // The last ones were killed a moment ago.
        let deadline = MonotonicTime.now.advanced(byMilliseconds: 3000)
        while ProcessTree.count(withArgument: Self.mark(scene)) > 0, MonotonicTime.now < deadline {
            MonotonicTime.sleep(milliseconds: 50)
        }
        let count = ProcessTree.count(withArgument: Self.mark(scene))
        return count > 0 ? ["\(count) processes of helpers are left behind"] : []
    }

    /// Seconds that only this run's helpers sleep.
    private static func mark(_ scene: Scene) -> String { "31\(scene.fleet.port)" }

    private func choose(_ word: String, _ scene: Scene) throws {
        try TextFile.replace(scene.file("helper-mode"), with: word)
    }
}
