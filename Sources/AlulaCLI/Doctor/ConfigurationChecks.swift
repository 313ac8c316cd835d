import AlulaConfiguration
import AlulaJSON
import AlulaState

/// Looks at the configuration file, what it includes, and what it says about the gateway.
enum ConfigurationChecks {
    static let all: [DoctorCheck] = [
        DoctorCheck("config.valid") { scene in .findings(problems(scene)) },
        DoctorCheck("config.includes") { scene in .findings(includes(scene)) },
        DoctorCheck("config.mode") { scene in
            var findings: [Finding] = []
            for source in scene.configuration.sources {
                findings += try await StateChecks.secretFile("config.mode", source.path, scene)
            }
            return .findings(findings)
        },
        DoctorCheck("gateway.mode") { scene in
            guard let settings = scene.settings else { return .skipped }
            return .findings(mode(settings))
        },
        DoctorCheck("gateway.exposure") { scene in
            guard let settings = scene.settings else { return .skipped }
            return .findings(exposure(settings, scene))
        },
    ]

    private static func problems(_ scene: DoctorScene) -> [Finding] {
        var findings = scene.configuration.problems.map { problem in
            Finding(
                "config.valid", problem.severity == .error ? .error : .warning,
                problem.path.isRoot ? problem.message : "\(problem.path): \(problem.message)",
                path: "\(problem.file):\(problem.line):\(problem.column)",
                fixHint: problem.remedy.isEmpty ? nil : problem.remedy)
        }
        if case .loaded(let loaded) = scene.configuration, loaded.isBlank {
            findings.append(
                Finding(
                    "config.valid", .info, "There is no configuration file; the defaults hold.",
                    path: scene.context.layout.configuration))
        }
        return findings
    }

    private static func includes(_ scene: DoctorScene) -> [Finding] {
        scene.configuration.sources.dropFirst().filter { $0.realPath == nil }.map { source in
            Finding(
                "config.includes", .error, "An included file is missing or can't be read.", path: source.path,
                fixHint: "restore the file or remove the $include")
        }
    }

    private static func mode(_ settings: Configuration) -> [Finding] {
        switch settings.gateway.mode {
        case .local: []
        case .remote:
            [
                Finding(
                    "gateway.mode", .info, "The configuration says that the gateway runs elsewhere.",
                    path: "gateway.mode")
            ]
        case nil:
            [
                Finding(
                    "gateway.mode", .warning, "gateway.mode is not set; Alula starts, OpenClaw would not.",
                    path: "gateway.mode", fixHint: "set gateway.mode to \"local\"")
            ]
        }
    }

    /// Who may reach the gateway, and whether they have to say who they are.
    private static func exposure(_ settings: Configuration, _ scene: DoctorScene) -> [Finding] {
        let gateway = settings.gateway
        var findings: [Finding] = []
        guard gateway.bind != .loopback else { return findings }
        let hasSecret =
            gateway.auth.token != nil || gateway.auth.password != nil
            || scene.environment.value(
                "ALULA_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_TOKEN", "ALULA_GATEWAY_PASSWORD",
                "OPENCLAW_GATEWAY_PASSWORD") != nil
        if gateway.auth.mode == GatewayAuthSettings.Mode.none {
            findings.append(
                Finding(
                    "gateway.exposure", .error, "The gateway listens beyond this machine and lets everybody in.",
                    path: "gateway.auth.mode",
                    fixHint: "set gateway.auth.mode to \"token\", or gateway.bind to \"loopback\""))
        } else if !hasSecret, gateway.auth.mode != .trustedProxy {
            findings.append(
                Finding(
                    "gateway.exposure", .warning,
                    "The gateway listens beyond this machine, and neither token nor password is configured.",
                    path: "gateway.auth", fixHint: "set ALULA_GATEWAY_TOKEN or gateway.auth.token"))
        }
        return findings
    }
}
