import AlulaConfiguration
import AlulaPrimitives

/// Looks at the machine: ports and limits.
enum MachineChecks {
    /// Fewer watches than this are soon used up by an editor or two.
    private static let leastWatches = 8192
    private static let leastInstances = 64

    static let all: [DoctorCheck] = [
        DoctorCheck("gateway.port") { scene in
            guard scene.gateway == nil else { return .skipped }
            let port =
                scene.environment.value("ALULA_GATEWAY_PORT", "OPENCLAW_GATEWAY_PORT").flatMap(Self.port)
                ?? scene.settings?.gateway.port ?? GatewaySettings.standardPort
            guard await scene.environment.files.isPortInUse(port) else { return .findings([]) }
            return .findings([
                Finding(
                    "gateway.port", .warning, "Port \(port) is in use by another program.", path: "gateway.port",
                    fixHint: "stop that program, or choose another port with --port")
            ])
        },
        DoctorCheck("machine.watches") { scene in
            guard let limits = await scene.environment.files.watchLimits() else { return .skipped }
            var findings: [Finding] = []
            let needed = max(leastWatches, 4 * (scene.settings?.agents.agents.count ?? 1))
            if limits.watches < needed {
                findings.append(
                    Finding(
                        "machine.watches", .warning,
                        "A user may watch \(limits.watches) files only; beyond that, changes are noticed late.",
                        path: "/proc/sys/fs/inotify/max_user_watches",
                        fixHint: "run sysctl fs.inotify.max_user_watches=\(max(needed, 65_536))"))
            }
            if limits.instances < leastInstances {
                findings.append(
                    Finding(
                        "machine.watches", .warning, "A user may have \(limits.instances) file watchers only.",
                        path: "/proc/sys/fs/inotify/max_user_instances",
                        fixHint: "run sysctl fs.inotify.max_user_instances=128"))
            }
            return .findings(findings)
        },
    ]

    /// The port in `18789`, `127.0.0.1:18789` or `[::1]:18789`.
    static func port(_ text: String) -> Int? {
        let digits = text.split(separator: ":", omittingEmptySubsequences: false).last.map(String.init) ?? text
        return Int(digits).flatMap { (0...65_535).contains($0) ? $0 : nil }
    }
}
