import AlulaPrimitives

/// Which port is meant: the command line's, else the environment's, else that of a development profile, else the
/// configured one.
struct PortChoice {
    /// `--port`.
    let option: Int?
    /// The process's environment. What is no port in it counts as not set.
    let variables: [String: String]
    /// Whether `--dev` was given.
    let isDevelopment: Bool

    /// The port of `--dev`, so that such a gateway runs beside the owner's.
    private static let developmentPort = 19_001

    /// The port, or `nil` for the configured one.
    var port: Int? {
        let named = ["ALULA_GATEWAY_PORT", "OPENCLAW_GATEWAY_PORT"].lazy.compactMap { variables[$0] }
        return option ?? named.compactMap { MachineChecks.port($0.trimmed()) }.first
            ?? (isDevelopment ? Self.developmentPort : nil)
    }
}
