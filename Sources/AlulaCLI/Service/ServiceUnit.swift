import AlulaState

/// The gateway as a service of the user's systemd.
struct ServiceUnit {
    /// Variables that say where things are. None of them is a secret.
    private static let kept = [
        "ALULA_CONFIG_PATH", "ALULA_HOME", "ALULA_INCLUDE_ROOTS", "ALULA_LOG_DIR", "ALULA_OAUTH_DIR", "ALULA_PROFILE",
        "ALULA_STATE_DIR", "ALULA_WORKSPACE_DIR", "OPENCLAW_CONFIG_PATH", "OPENCLAW_HOME", "OPENCLAW_INCLUDE_ROOTS",
        "OPENCLAW_LOG_LEVEL", "OPENCLAW_OAUTH_DIR", "OPENCLAW_PROFILE", "OPENCLAW_STATE_DIR",
        "OPENCLAW_WORKSPACE_DIR", "PATH", "TMPDIR",
    ]

    let executable: String
    let profile: String?
    let stateDirectory: String
    let configurationHome: String
    let variables: [String: String]
    var port: Int?
    /// Whether scripts that name the reference's service reach this one; not while that one is installed.
    var takesReferenceName = false

    init(executable: String, layout: StateLayout, variables: [String: String], port: Int? = nil) {
        self.executable = executable
        profile = layout.profile
        stateDirectory = layout.state
        configurationHome =
            variables["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(layout.home)/.config"
        self.variables = variables
        self.port = port
    }

    private var suffix: String { profile.map { "-\($0)" } ?? "" }
    /// Such as `alula-gateway.service`.
    var name: String { "alula-gateway\(suffix).service" }
    /// What the reference calls its own.
    var referenceName: String { "openclaw-gateway\(suffix).service" }
    var path: String { "\(configurationHome)/systemd/user/\(name)" }
    var referencePath: String { "\(configurationHome)/systemd/user/\(referenceName)" }

    /// The unit file. It holds no secret: the gateway reads those where they are.
    var text: String {
        var command = [executable, "gateway", "run"]
        if let port { command += ["--port", "\(port)"] }
        var environment = variables.filter { Self.kept.contains($0.key) && !$0.value.isEmpty }
        environment["ALULA_STATE_DIR"] = stateDirectory
        if let profile { environment["ALULA_PROFILE"] = profile }
        let lines = environment.sorted { $0.key < $1.key }.map { "Environment=\(Self.quoted("\($0.key)=\($0.value)"))" }
        return """
            # Written by: alula service install
            [Unit]
            Description=Alula gateway\(profile.map { " (\($0))" } ?? "")
            Wants=network-online.target
            After=network-online.target

            [Service]
            ExecStart=\(command.map(Self.quotedArgument).joined(separator: " "))
            Restart=always
            RestartSec=5
            # The configuration can't be read: starting again changes nothing.
            RestartPreventExitStatus=78
            KillMode=mixed
            TimeoutStopSec=15
            UMask=0077
            \(lines.joined(separator: "\n"))

            [Install]
            WantedBy=default.target
            \(takesReferenceName ? "Alias=\(referenceName)\n" : "")
            """
    }

    /// A value as systemd reads it: `%` begins a specifier, a line break ends the setting.
    static func quoted(_ text: String) -> String {
        let escaped = text.map { character in
            switch character {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "%": "%%"
            case _ where character.isNewline: "\\n"
            default: String(character)
            }
        }
        return "\"\(escaped.joined())\""
    }

    /// As ``quoted(_:)``; in a command `$` begins a variable too.
    private static func quotedArgument(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }
        return isPlain ? text : quoted(text).map { $0 == "$" ? "$$" : String($0) }.joined()
    }
}
